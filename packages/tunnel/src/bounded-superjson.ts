import { AppError } from "@indium/contract/errors";
import superjson, { type SuperJSONResult } from "superjson";

/**
 * superjson for what comes from strangers. To restore that one object stands in two places it walks to each place, and a step into a Set or Map
 * walks over all that is in it: 170 KB of JSON held a process for seconds. Nothing of ours sends a Set, a Map or a BigInt (whose digits are
 * read in more than linear time), so what names one is refused before it is read.
 */
const REFUSED = /\[\s*"(?:set|map|bigint)"/;

/** @throws AppError `bad_request` for what is no such JSON, or names what is not taken. */
export function readSuperjson(value: unknown): unknown {
  try {
    const { meta } = value as SuperJSONResult;
    if (meta?.values === undefined || !REFUSED.test(JSON.stringify(meta.values))) return superjson.deserialize(value as SuperJSONResult);
  } catch (cause) {
    throw new AppError("bad_request", "This request cannot be read.", { cause });
  }
  throw new AppError("bad_request", "This request holds a kind of value that is not taken.");
}

/** As tRPC wants it: what goes out is our own. */
export const boundedSuperjson = { serialize: superjson.serialize, deserialize: readSuperjson };
