import { benchAdoption } from "./adoption";
import { benchCreate } from "./create";
import { benchDashboard } from "./dashboard";
import { benchMetadata } from "./metadata";
import { benchMetrics } from "./metrics";
import { benchOverlay } from "./overlay";
import { benchAgents } from "./relay/agents";
import { benchConsole } from "./relay/console";
import { benchStalledViewer } from "./relay/stalled-viewer";
import { benchStandbys } from "./relay/standbys";
import { benchUplink } from "./relay/uplink";

/** `npm run bench`: each figure beside a named peer's, taken in turn in one run. Machines differ: read the ratios. */
const wanted = new Set(process.argv.slice(2));
const BENCHES: readonly (readonly [string, () => Promise<void>])[] = [
  ["create", benchCreate],
  ["console", benchConsole],
  ["stalled-viewer", benchStalledViewer],
  ["uplink", benchUplink],
  ["agents", benchAgents],
  ["standbys", benchStandbys],
  ["metadata", benchMetadata],
  ["metrics", benchMetrics],
  ["adoption", benchAdoption],
  ["dashboard", benchDashboard],
  ["overlay", benchOverlay],
];
/** Several under one name: `npm run bench -- relay`. */
const GROUPS: Readonly<Record<string, readonly string[]>> = { relay: ["console", "stalled-viewer", "uplink", "agents", "overlay"] };
for (const [group, members] of Object.entries(GROUPS)) if (wanted.delete(group)) for (const member of members) wanted.add(member);
const unknown = [...wanted].filter((name) => !BENCHES.some(([known]) => known === name));
if (unknown.length > 0)
  throw new Error(
    `There is no bench ${unknown.join(", ")}: ${BENCHES.map(([name]) => name).join(", ")}, ${Object.keys(GROUPS).join(", ")}`,
  );
for (const [name, bench] of BENCHES) if (wanted.size === 0 || wanted.has(name)) await bench();
