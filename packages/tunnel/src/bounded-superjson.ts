import { AppError } from "@indium/contract/errors";
import superjson, { type SuperJSONResult } from "superjson";

/**
 * superjson for what comes from strangers. To restore that one object stands in two places it walks to each place, and a step into a Set or Map
 * walks over all that is in it: 170 KB of JSON held a process for seconds. Nothing of ours sends a Set, a Map or a BigInt (whose digits are
 * read in more than linear time), so what names one is refused before it is read.
 */
const REFUSED = /\[\s*"(?:set|map|bigint)"/;
/**
 * Deeper than any question or answer of ours. superjson turns what should be a date or a version into text, again and again: 6 KB
 * of arrays in arrays held a process for half a minute.
 */
const MAX_DEPTH = 64;

/** @throws AppError `bad_request` for what is no such JSON, or names what is not taken. */
export function readSuperjson(value: unknown): unknown {
  try {
    const { meta } = value as SuperJSONResult;
    if (isDeep(value)) throw new Error("too deep");
    if (meta?.values === undefined || !REFUSED.test(JSON.stringify(meta.values))) return superjson.deserialize(value as SuperJSONResult);
  } catch (cause) {
    throw new AppError("bad_request", "This request cannot be read.", { cause });
  }
  throw new AppError("bad_request", "This request holds a kind of value that is not taken.");
}

/** Not by recursion, which has an end of its own. */
function isDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
  }
  return false;
}

/** As tRPC wants it: what goes out is our own. */
export const boundedSuperjson = { serialize: superjson.serialize, deserialize: readSuperjson };
