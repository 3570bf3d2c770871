import { openSync, readSync } from "node:fs";

/**
 * Loaded into a program that is measured (`node --import`): answers its parent's "stats" with memory, processor time and how late its event loop
 * was. A timer asks every 5 ms; a gap of 100 ms is counted as the twenty ticks that it swallowed, so that a percentile does not hide it.
 */
const EVERY_MS = 5;
/** Below this it is the timer's own grain. */
const GRAIN_MS = 1;
/** Of a quarter millisecond each. */
const late = { buckets: new Uint32Array(40_000), ticks: 0, longest: 0 };
/** The same, of what the main thread itself worked in: on a busy machine the rest is waiting for a processor. */
const own = { buckets: new Uint32Array(40_000), ticks: 0, longest: 0 };
type Lag = typeof late;

export interface ProbeStats {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly cpuMs: number;
  /** Of the event loop, since "reset". */
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  /** Of those, what the loop's own work made. */
  readonly ownP99Ms: number;
  readonly ownMaxMs: number;
}

function count(into: Lag, lag: number): void {
  const over = Math.max(0, lag - GRAIN_MS);
  into.longest = Math.max(into.longest, over);
  for (let left = over; left >= 0; left -= EVERY_MS) {
    const at = Math.min(into.buckets.length - 1, Math.floor(left * 4));
    into.buckets[at] = (into.buckets[at] ?? 0) + 1;
    into.ticks += 1;
  }
}

function percentile({ buckets, ticks }: Lag, part: number): number {
  let seen = 0;
  for (let at = 0; at < buckets.length; at += 1) {
    seen += buckets[at] ?? 0;
    if (seen >= ticks * part) return at / 4;
  }
  return 0;
}

/** Opened once: a process whose open files are all taken is measured, too. */
const schedstat = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
const line = Buffer.alloc(128);
/** Ms that the main thread has run (Linux's Documentation/scheduler/sched-stats.rst). */
const worked = (): number => Number(line.toString("latin1", 0, readSync(schedstat, line, 0, line.length, 0)).split(" ")[0]) / 1e6;

let last = performance.now();
let lastWorked = worked();
setInterval(() => {
  const now = performance.now();
  const nowWorked = worked();
  const lag = now - last - EVERY_MS;
  count(late, lag);
  count(own, Math.min(lag, nowWorked - lastWorked));
  last = now;
  lastWorked = nowWorked;
}, EVERY_MS).unref();

process.on("message", (message) => {
  if (message === "reset") {
    for (const lag of [late, own]) {
      lag.buckets.fill(0);
      lag.ticks = 0;
      lag.longest = 0;
    }
  }
  if (message !== "stats") return;
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const lag = {
    ...{ lagP50Ms: percentile(late, 0.5), lagP99Ms: percentile(late, 0.99), lagMaxMs: late.longest },
    ...{ ownP99Ms: percentile(own, 0.99), ownMaxMs: own.longest },
  };
  process.send?.({ kind: "stats", rss, heapUsed, external, cpuMs: (user + system) / 1_000, ...lag } satisfies ProbeStats & {
    kind: "stats";
  });
});
process.on("disconnect", () => process.exit(0));
