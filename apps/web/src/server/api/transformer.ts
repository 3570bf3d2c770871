import { AppError } from "@indium/contract/errors";
import { boundedSuperjson, readSuperjson } from "@indium/tunnel/bounded-superjson";

/** What procedures are asked with, and answer. @throws AppError `bad_request` for an input that cannot be read, or that no text of Postgres can hold. */
export const transformer = {
  serialize: boundedSuperjson.serialize,
  deserialize: (value: unknown): unknown => {
    const input = readSuperjson(value);
    if (holdsNul(input)) throw new AppError("bad_request", "A text must not hold the character NUL.");
    return input;
  },
};

/** Postgres takes it in no text: each procedure that passed one on would answer that something went wrong here. Not by recursion: inputs may be deep. */
function holdsNul(input: unknown): boolean {
  const left: unknown[] = [input];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === "string" && value.includes("\0")) return true;
    if (typeof value !== "object" || value === null || value instanceof Date) continue;
    for (const [key, each] of Object.entries(value)) {
      if (key.includes("\0")) return true;
      left.push(each);
    }
  }
  return false;
}
