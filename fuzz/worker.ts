import { parentPort, workerData } from "node:worker_threads";
import { faultOf, fuzz, inWords } from "./engine";
import type { WorkerMessage, WorkerOrder } from "./supervise";
import type { Target } from "./target";

/** Runs targets one after the other; the thread that started it sees from `heart` where it is, also when it never comes back. */
const { names, broken, seed, count, seconds, heart, hex } = workerData as WorkerOrder;
const TARGETS: readonly Target[] = broken
  ? (await import("./testing/broken-targets")).BROKEN_TARGETS
  : (await import("./all-targets")).TARGETS;
const say = (message: WorkerMessage): void => parentPort?.postMessage(message);

let astray: string | null = null;
process.on("unhandledRejection", (thrown) => {
  astray ??= `left a rejection that nobody handles: ${inWords(thrown)}`;
});
process.on("uncaughtException", (thrown) => {
  astray ??= `threw where nobody waits: ${inWords(thrown)}`;
});
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
/** Looked at now and then, so that the line which repeats it is near; exactly, when one input is tried alone. */
const LOOK_EVERY = 16;

for (const name of names) {
  const target = TARGETS.find((each) => each.name === name);
  if (target === undefined) throw new Error(`there is no target ${name}`);
  if (hex !== null) {
    const why = await faultOf(target, Buffer.from(hex, "hex"));
    await settled();
    say({
      kind: "done",
      name,
      tried: 1,
      tookMs: 0,
      failure: why === null && astray === null ? null : { target: name, seed, at: -1, why: why ?? astray ?? "" },
    });
    continue;
  }
  const began = performance.now();
  const wanted = Math.max(1, Math.ceil((count ?? 0) * (target.share ?? 1)));
  const until = (tried: number): boolean =>
    astray !== null || (seconds === null ? tried >= wanted : performance.now() - began >= seconds * 1_000);
  let tried = 0;
  let failure = null;
  let from = 0;
  do {
    const stretch: Awaited<ReturnType<typeof fuzz>> = await fuzz(target, {
      seed,
      from,
      until: (so) => so >= LOOK_EVERY || until(from + so),
      before: (at) => {
        Atomics.store(heart, 1, at);
        Atomics.add(heart, 0, 1);
      },
    }).catch((thrown: unknown) => ({
      tried: 1,
      failure: { target: name, seed, at: Atomics.load(heart, 1), why: `the fuzzer itself: ${inWords(thrown)}` },
    }));
    tried += stretch.tried;
    from = tried;
    failure = stretch.failure;
    await settled();
  } while (failure === null && !until(tried));
  if (failure === null && astray !== null)
    failure = { target: name, seed, at: tried - 1, why: `${astray}\n(within the ${LOOK_EVERY} inputs up to this one)` };
  astray = null;
  say({ kind: "done", name, tried, tookMs: performance.now() - began, failure });
}
say({ kind: "end" });
