/**
 * What superjson (the API's transformer) makes of values JSON has no word for, read and written in the little of it that our API uses: dates,
 * `undefined` and numbers like NaN. All of superjson is as much script as two of our pages.
 *
 * `{json, meta?: {values: {"items.0.createdAt": ["Date"]}}}`: a path's dots and backslashes are escaped by a backslash (superjson 2,
 * `meta.v` 1; src/pathstringifier.ts).
 */
interface Written {
  json: unknown;
  meta?: { values?: unknown; referentialEqualities?: unknown; v?: number };
}
type Kind = "Date" | "undefined" | "number";

const READ: Record<Kind, (json: unknown) => unknown> = {
  Date: (json) => new Date(String(json)),
  undefined: () => undefined,
  number: (json) => Number(json),
};
const UNSAFE = new Set(["__proto__", "constructor", "prototype"]);

/** The API sent something that this page cannot read: another version's, or broken on the way. */
export class UnreadableError extends Error {}

function readAs(kind: unknown, json: unknown): unknown {
  if (typeof kind !== "string" || !Object.hasOwn(READ, kind) || (typeof json === "object" && json !== null))
    throw new UnreadableError(`the API sent a value that this page cannot read (${typeof kind === "string" ? kind : typeof kind})`);
  return READ[kind as Kind](json);
}

function pathOf(text: string): string[] {
  const parts = [""];
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? "";
    if (character === ".") parts.push("");
    else parts[parts.length - 1] += character === "\\" ? (text[++index] ?? "") : character;
  }
  return parts;
}

/** @throws UnreadableError */
function deserialize({ json, meta }: Written): unknown {
  const { values } = meta ?? {};
  if (values === undefined || values === null) return json;
  if (Array.isArray(values)) return readAs(values[0], json);
  for (const [text, kinds] of Object.entries(values as Record<string, unknown[]>)) {
    const path = pathOf(text);
    const last = path.pop() ?? "";
    const holder = path.reduce(within, json);
    const value = within(holder, last);
    (holder as Record<string, unknown>)[last] = readAs(kinds?.[0], value);
  }
  return json;
}

function within(holder: unknown, name: string): unknown {
  if (typeof holder !== "object" || holder === null || UNSAFE.has(name) || !Object.hasOwn(holder, name))
    throw new UnreadableError("the API sent a value that this page cannot read (nowhere)");
  return (holder as Record<string, unknown>)[name];
}

function serialize(value: unknown): Written {
  const values: Record<string, [Kind]> = {};
  const write = (each: unknown, path: string): unknown => {
    if (each instanceof Date) {
      values[path] = ["Date"];
      return each.toISOString();
    }
    if (Array.isArray(each)) return each.map((item, index) => write(item, path === "" ? `${index}` : `${path}.${index}`));
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(
      Object.entries(each).map(([name, item]) => {
        const escaped = name.replaceAll("\\", "\\\\").replaceAll(".", "\\.");
        return [name, write(item, path === "" ? escaped : `${path}.${escaped}`)];
      }),
    );
  };
  if (value === undefined) return { json: null, meta: { values: ["undefined"], v: 1 } };
  if (value instanceof Date) return { json: value.toISOString(), meta: { values: ["Date"], v: 1 } };
  const json = write(value, "");
  return Object.keys(values).length === 0 ? { json } : { json, meta: { values, v: 1 } };
}

/** As tRPC wants it. What comes is our own server's: `deserialize` writes into it. */
export const wireValues = { serialize, deserialize: (written: unknown) => deserialize(written as Written) };
