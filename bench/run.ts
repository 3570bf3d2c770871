import { benchAdoption } from "./adoption";
import { benchConsole } from "./console-throughput";
import { benchCreate } from "./create";
import { benchDashboard } from "./dashboard";
import { benchMetadata } from "./metadata";
import { benchMetrics } from "./metrics";
import { benchOverlay } from "./overlay";

/** `npm run bench`: each figure beside a named peer's, taken in turn in one run. Machines differ: read the ratios. */
const wanted = process.argv.slice(2);
const BENCHES: readonly (readonly [string, () => Promise<void>])[] = [
  ["create", benchCreate],
  ["console", benchConsole],
  ["metadata", benchMetadata],
  ["metrics", benchMetrics],
  ["adoption", benchAdoption],
  ["dashboard", benchDashboard],
  ["overlay", benchOverlay],
];
for (const [name, bench] of BENCHES) if (wanted.length === 0 || wanted.includes(name)) await bench();
