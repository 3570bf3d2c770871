import { setTimeout as sleep } from "node:timers/promises";
import type { Order } from "./agents-role";
import { ELSEWHERE, Lab, load, megabytes } from "./lab";

/**
 * One relay behind the front's TLS with many standbys: what each costs, and how long it takes until all of them are links when the relay of their
 * links dies and they are promoted within 0.4 s. The centre is the bench's own and answers at once; a real one writes a row for each.
 */
const STANDBYS = Number(process.env.BENCH_STANDBYS ?? 3_000);
const PER_SECOND = 250;
const SETTLE_MS = Number(process.env.BENCH_SETTLE_MS ?? 15_000);
const WATCH_MS = Number(process.env.BENCH_WATCH_MS ?? 20_000);

interface Done {
  readonly tookMs: number;
  /** By reason. */
  readonly failures: Readonly<Record<string, number>>;
}
const isDone = (message: unknown): message is Done => typeof message === "object" && message !== null && "tookMs" in message;

export async function benchStandbys(): Promise<void> {
  const lab = await Lab.open();
  try {
    const { relay, port } = await lab.relay();
    const { front, origin } = await lab.front(port, true);
    await sleep(2_000);
    const bare = { relay: (await relay.stats()).rss, front: (await front.stats()).rss };
    const driver = lab.start("roles", { args: ["agents", origin, String(STANDBYS), "0", "standby"], nice: ELSEWHERE });
    await driver.said("port");
    const order = async (one: Order): Promise<Done> => {
      const done = driver.next(isDone);
      driver.child.send(one);
      return await done;
    };
    console.log(`${STANDBYS} standbys on one relay, TLS by the front, ${load()}`);
    await order({ kind: "connect", perSecond: PER_SECOND });
    await sleep(SETTLE_MS);
    const stats = { relay: await relay.stats(), front: await front.stats() };
    for (const name of ["relay", "front"] as const) {
      const kilobytes = (stats[name].rss - bare[name]) / STANDBYS / 1_024;
      console.log(`  ${name.padEnd(8)} ${megabytes(stats[name].rss).padStart(8)}  (${kilobytes.toFixed(1)} kB each)`);
    }
    await sleep(WATCH_MS);
    const after = { relay: await relay.stats(), front: await front.stats() };
    const share = (name: "relay" | "front") => (((after[name].cpuMs - stats[name].cpuMs) / WATCH_MS) * 100).toFixed(1);
    console.log(`  idle: relay ${share("relay")} % of a core, front ${share("front")} %, ${load()}`);
    relay.reset();
    const { tookMs, failures } = await order({ kind: "promote", withinMs: 400 });
    const lost = Object.values(failures).reduce((sum, count) => sum + count, 0);
    const { lagP99Ms, lagMaxMs } = await relay.stats();
    console.log(
      `  all promoted within 0.4 s: links after ${(tookMs / 1_000).toFixed(1)} s, ${lost} lost; relay's event loop late by p99 ${lagP99Ms.toFixed(0)} longest ${lagMaxMs.toFixed(0)} ms, ${load()}`,
    );
  } finally {
    lab.close();
  }
}
