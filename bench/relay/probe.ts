/**
 * Loaded into a program that is measured (`node --import`): answers its parent's "stats" with memory, processor time and how late its event loop
 * was. A timer asks every 5 ms; a gap of 100 ms is counted as the twenty ticks that it swallowed, so that a percentile does not hide it.
 */
const EVERY_MS = 5;
/** Below this it is the timer's own grain. */
const GRAIN_MS = 1;
/** Of a quarter millisecond each. */
const buckets = new Uint32Array(40_000);
let ticks = 0;
let longest = 0;

export interface ProbeStats {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly cpuMs: number;
  /** Of the event loop, since "reset". */
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
}

function count(lag: number): void {
  const late = Math.max(0, lag - GRAIN_MS);
  longest = Math.max(longest, late);
  for (let left = late; left >= 0; left -= EVERY_MS) {
    const at = Math.min(buckets.length - 1, Math.floor(left * 4));
    buckets[at] = (buckets[at] ?? 0) + 1;
    ticks += 1;
  }
}

function percentile(part: number): number {
  let seen = 0;
  for (let at = 0; at < buckets.length; at += 1) {
    seen += buckets[at] ?? 0;
    if (seen >= ticks * part) return at / 4;
  }
  return 0;
}

let last = performance.now();
setInterval(() => {
  const now = performance.now();
  count(now - last - EVERY_MS);
  last = now;
}, EVERY_MS).unref();

process.on("message", (message) => {
  if (message === "reset") {
    buckets.fill(0);
    ticks = 0;
    longest = 0;
  }
  if (message !== "stats") return;
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const lag = { lagP50Ms: percentile(0.5), lagP99Ms: percentile(0.99), lagMaxMs: longest };
  process.send?.({ kind: "stats", rss, heapUsed, external, cpuMs: (user + system) / 1_000, ...lag } satisfies ProbeStats & {
    kind: "stats";
  });
});
process.on("disconnect", () => process.exit(0));
