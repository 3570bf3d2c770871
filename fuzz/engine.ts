import { inputAt } from "./mutate";
import type { Failure, Target } from "./target";

const FREE_OUTPUT_BYTES = 64 * 1024;
const MAX_NODES = 20_000;
const PROTOTYPE_NAMES = Object.getOwnPropertyNames(Object.prototype).sort().join();

/** What is wrong with how the target took this input; null when all is as it should be. */
export async function faultOf(target: Target, input: Buffer): Promise<string | null> {
  let value: unknown;
  try {
    value = await target.run(Buffer.from(input));
  } catch (thrown) {
    if (target.declared?.(thrown) !== true) return `threw ${inWords(thrown)}`;
    value = null;
  }
  if (Object.getOwnPropertyNames(Object.prototype).sort().join() !== PROTOTYPE_NAMES) {
    for (const name of Object.getOwnPropertyNames(Object.prototype))
      if (!PROTOTYPE_NAMES.split(",").includes(name)) delete (Object.prototype as Record<string, unknown>)[name];
    return "changed Object.prototype";
  }
  const limit = FREE_OUTPUT_BYTES + input.length * (target.growth ?? 4);
  const { size, foreign } = measure(value);
  if (foreign !== null) return `gave an object with another prototype at ${foreign}`;
  if (size > limit) return `gave ${size} bytes for an input of ${input.length}`;
  return target.check?.(value, input) ?? null;
}

/** Tries input after input, from `from` on, until `until` says no more. */
export async function fuzz(
  target: Target,
  options: {
    readonly seed: number;
    readonly from?: number;
    readonly until: (tried: number) => boolean;
    readonly before?: (at: number) => void;
  },
): Promise<{ tried: number; failure: Failure | null }> {
  const { seed, from = 0, until, before } = options;
  for (let at = from; ; at += 1) {
    if (until(at - from)) return { tried: at - from, failure: null };
    before?.(at);
    const why = await faultOf(target, inputAt(target, seed, at));
    if (why !== null) return { tried: at - from + 1, failure: { target: target.name, seed, at, why } };
  }
}

/** Roughly the bytes of a value, and where an object in it has a prototype that no JSON object has. Dates, Maps, Sets and Buffers may be there. */
function measure(value: unknown): { size: number; foreign: string | null } {
  let size = 0;
  let foreign: string | null = null;
  const left: { value: unknown; path: string }[] = [{ value, path: "." }];
  for (let nodes = 0; left.length > 0 && nodes < MAX_NODES; nodes += 1) {
    const { value: each, path } = left.pop() ?? { value: null, path: "" };
    if (typeof each === "string") size += each.length;
    if (typeof each !== "object" || each === null) {
      size += 4;
      continue;
    }
    if (ArrayBuffer.isView(each)) {
      size += each.byteLength;
      continue;
    }
    if (each instanceof Error || each instanceof Date || each instanceof RegExp || each instanceof URL) continue;
    if (each instanceof Map || each instanceof Set) {
      for (const item of each) left.push({ value: item, path: `${path}[]` });
      continue;
    }
    const prototype: unknown = Object.getPrototypeOf(each);
    if (prototype !== Object.prototype && prototype !== null && !Array.isArray(each)) foreign ??= path;
    for (const key of Object.keys(each)) {
      size += key.length;
      left.push({ value: Object.getOwnPropertyDescriptor(each, key)?.value, path: `${path}${path === "." ? "" : "."}${key.slice(0, 40)}` });
    }
  }
  return { size, foreign };
}

export function inWords(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `something that is no error: ${String(thrown).slice(0, 200)}`;
  return `${thrown.name}: ${thrown.message.slice(0, 300)}\n${(thrown.stack ?? "").split("\n").slice(1, 6).join("\n")}`;
}
