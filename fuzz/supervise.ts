import { Worker } from "node:worker_threads";
import type { Failure } from "./target";

export interface WorkerOrder {
  readonly names: readonly string[];
  /** The targets that test the fuzzer itself. */
  readonly broken: boolean;
  readonly seed: number;
  /** Inputs for a target whose share is 1; null with `seconds`. */
  readonly count: number | null;
  /** For each target. */
  readonly seconds: number | null;
  /** One input alone. */
  readonly hex: string | null;
  /** How many inputs were begun, and the number of the last one. */
  readonly heart: Int32Array;
}

export interface TargetResult {
  readonly name: string;
  readonly tried: number;
  readonly tookMs: number;
  readonly failure: Failure | null;
}
export type WorkerMessage = ({ readonly kind: "done" } & TargetResult) | { readonly kind: "end" };

/** Nothing that one input may cost; loading all of the code first may, on a busy machine. */
const STALL_MS = 30_000;
const LOAD_MS = 120_000;
const LOOK_MS = 500;

/** A thread does not inherit what reads TypeScript. */
const START = `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(new URL("./worker.ts", import.meta.url).href)}); })`;

/**
 * Fuzzes in a thread of its own, which is ended when one input holds it for `stallMs`: that input hangs its parser. The targets behind it go on
 * in a new thread.
 */
export async function superviseFuzz(
  order: Omit<WorkerOrder, "heart" | "hex"> & { readonly hex?: string | null; readonly stallMs?: number },
  onResult: (result: TargetResult) => void = () => {},
): Promise<TargetResult[]> {
  const { stallMs = STALL_MS, ...rest } = order;
  const results: TargetResult[] = [];
  let left = [...order.names];
  while (left.length > 0) {
    const heart = new Int32Array(new SharedArrayBuffer(8));
    const worker = new Worker(START, {
      eval: true,
      workerData: { ...rest, hex: order.hex ?? null, names: left, heart } satisfies WorkerOrder,
    });
    const take = (result: TargetResult): void => {
      left = left.filter((name) => name !== result.name);
      results.push(result);
      onResult(result);
    };
    await new Promise<void>((resolve, reject) => {
      let beat = -1;
      let since = performance.now();
      const watch = setInterval(() => {
        const now = Atomics.load(heart, 0);
        if (now !== beat) {
          beat = now;
          since = performance.now();
          return;
        }
        const held = performance.now() - since;
        if (held < (now === 0 ? LOAD_MS : stallMs)) return;
        const at = Atomics.load(heart, 1);
        const name = left[0] ?? "";
        take({
          name,
          tried: at + 1,
          tookMs: held,
          failure: { target: name, seed: order.seed, at, why: `did not come back within ${stallMs / 1_000} s` },
        });
        end();
      }, LOOK_MS);
      const end = (error?: Error): void => {
        clearInterval(watch);
        worker.removeAllListeners();
        worker.terminate().then(
          () => (error === undefined ? resolve() : reject(error)),
          (thrown: unknown) => reject(thrown instanceof Error ? thrown : new Error(String(thrown))),
        );
      };
      worker.on("message", (message: WorkerMessage) => {
        since = performance.now();
        if (message.kind === "end") end();
        else take(message);
      });
      worker.on("error", (error) => end(error instanceof Error ? error : new Error(String(error))));
      worker.on("exit", (code) => end(new Error(`the fuzzer's thread ended with ${code}`)));
    });
  }
  return results;
}
