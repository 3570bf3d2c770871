import { setTimeout as sleep } from "node:timers/promises";
import type { Order } from "./agents-role";
import { ELSEWHERE, Lab, load, megabytes, peakMemory, type Started } from "./lab";

/**
 * One relay behind the front's TLS with many idle hosts: memory, processor, and how late both event loops are while many of them come back at
 * once. The hosts and the centre run with a lower priority: they stand for other machines, but share this one's two processors.
 */
const AGENTS = Number(process.env.BENCH_AGENTS ?? 10_000);
const STORM = Math.min(AGENTS, Number(process.env.BENCH_STORM ?? 3_000));
const TLS = process.env.BENCH_TLS !== "off";
const DRIVERS = 2;
const PER_SECOND = 250;
const SETTLE_MS = Number(process.env.BENCH_SETTLE_MS ?? 15_000);
const WATCH_MS = Number(process.env.BENCH_WATCH_MS ?? 20_000);
const HOST_USAGE_MS = 5_000;
const GOAL = { bytes: 1_073_741_824, lagMs: 50 };

interface Done {
  readonly up: number;
  /** By reason. */
  readonly failures: Readonly<Record<string, number>>;
  readonly tookMs: number;
}
const isDone = (message: unknown): message is Done => typeof message === "object" && message !== null && "tookMs" in message;

export async function benchAgents(): Promise<void> {
  const lab = await Lab.open();
  try {
    const { relay, port } = await lab.relay();
    const { front, origin } = await lab.front(port, TLS);
    const watched = { relay, front };
    // Does nothing: how late its event loop is, is the machine's doing.
    const { process: idler } = await lab.role("idle");
    await sleep(2_000);
    const bare = await memory(watched);
    const each = Math.ceil(AGENTS / DRIVERS);
    const drivers: Started[] = [];
    for (let number = 0; number < DRIVERS; number += 1) {
      const driver = lab.start("roles", { args: ["agents", origin, String(each), String(number * each)], nice: ELSEWHERE });
      await driver.said("port");
      drivers.push(driver);
    }
    const order = async (one: Order): Promise<Done[]> => {
      const done = drivers.map((driver) => driver.next(isDone));
      for (const driver of drivers) driver.child.send(one);
      return await Promise.all(done);
    };
    console.log(`${each * DRIVERS} agents on one relay, ${TLS ? "TLS by the front" : "no TLS"}, ${load()}`);
    await order({ kind: "connect", perSecond: PER_SECOND / DRIVERS });
    await sleep(SETTLE_MS);
    const idle = await memory(watched);
    const agents = each * DRIVERS;
    for (const name of ["relay", "front"] as const) {
      const kilobytes = (idle[name] - bare[name]) / agents / 1_024;
      console.log(
        `  ${name.padEnd(8)} ${megabytes(idle[name]).padStart(8)}  (${megabytes(bare[name])} without agents: ${kilobytes.toFixed(1)} kB each)`,
      );
    }
    const sum = idle.relay + idle.front;
    console.log(`  together ${megabytes(sum).padStart(8)}   goal ${megabytes(GOAL.bytes)}${sum < GOAL.bytes ? "" : ": missed"}`);

    console.log(`  idle, pings alone        ${await processor(watched)}`);
    await order({ kind: "usage", everyMs: HOST_USAGE_MS });
    console.log(`  with samples every 5 s   ${await processor(watched)}`);

    for (const jitter of [true, false]) {
      for (const process of [relay, front, idler]) process.reset();
      const done = await order({ kind: "storm", count: Math.ceil(STORM / DRIVERS), jitter });
      const late = { relay: await relay.stats(), front: await front.stats() };
      const took = Math.max(...done.map(({ tookMs }) => tookMs)) / 1_000;
      const reasons = new Map<string, number>();
      for (const { failures } of done)
        for (const [why, count] of Object.entries(failures)) reasons.set(why, (reasons.get(why) ?? 0) + count);
      const refused = [...reasons.values()].reduce((sum, count) => sum + count, 0);
      const why = refused === 0 ? "" : ` (${[...reasons].map(([reason, count]) => `${reason}: ${count}`).join(", ")})`;
      console.log(
        `  ${STORM} come back ${jitter ? "as agents do" : "at the same moment"}: all linked after ${took.toFixed(1)} s, ${refused} dials in vain${why}, ${load()}`,
      );
      for (const name of ["relay", "front"] as const) {
        const { lagP50Ms, lagP99Ms, lagMaxMs, ownP99Ms, ownMaxMs } = late[name];
        const verdict = jitter ? `   goal p99 ${GOAL.lagMs}${lagP99Ms < GOAL.lagMs ? "" : ": missed"}` : "";
        console.log(
          `    ${name.padEnd(8)} event loop late by p50 ${lagP50Ms.toFixed(0)} p99 ${lagP99Ms.toFixed(0)} longest ${lagMaxMs.toFixed(0)} ms (its own work: p99 ${ownP99Ms.toFixed(0)} longest ${ownMaxMs.toFixed(0)}), peak ${megabytes(peakMemory(watched[name].pid))}${verdict}`,
        );
      }
      const own = await idler.stats();
      console.log(`    a process that does nothing, meanwhile: p99 ${own.lagP99Ms.toFixed(0)} longest ${own.lagMaxMs.toFixed(0)} ms`);
      await sleep(SETTLE_MS);
    }
  } finally {
    lab.close();
  }
}

async function memory(watched: { readonly relay: Started; readonly front: Started }): Promise<{ relay: number; front: number }> {
  return { relay: (await watched.relay.stats()).rss, front: (await watched.front.stats()).rss };
}

/** Of one core, over a while. */
async function processor(watched: { readonly relay: Started; readonly front: Started }): Promise<string> {
  for (const process of Object.values(watched)) process.reset();
  const before = { relay: await watched.relay.stats(), front: await watched.front.stats() };
  const began = performance.now();
  await sleep(WATCH_MS);
  const elapsed = performance.now() - began;
  const after = { relay: await watched.relay.stats(), front: await watched.front.stats() };
  const parts = (["relay", "front"] as const).map((name) => {
    const share = ((after[name].cpuMs - before[name].cpuMs) / elapsed) * 100;
    return `${name} ${share.toFixed(1)} % of a core, loop late p99 ${after[name].lagP99Ms.toFixed(0)} ms`;
  });
  return `${parts.join("; ")}, ${load()}`;
}
