import { pick, seeded } from "../chaos/random";
import type { Seed, Target } from "./target";

type Random = () => number;

const MAX_INPUT_BYTES = 256 * 1024;
/** Where parsers keep their edges. */
const NUMBERS = [0, -0, 1, -1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e21, 1.5, 1e308];
const TEXTS = [
  "",
  "\0",
  "\ud800",
  "\udc00\ud800",
  "\u202e",
  "\r\n\r\n",
  "../../etc/passwd",
  "%00",
  "%s%n",
  "__proto__",
  "constructor",
  "toString",
  "NaN",
  "-1",
  "1e999",
  "9".repeat(400),
  "i-00000000000000000",
  "2026-11-21T00:00:00.000Z",
  "+275760-09-13T00:00:00.001Z",
  "-000001-01-01",
  "[object Object]",
  "é".normalize("NFD"),
];
const KEYS = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "length", "then", "toJSON", "", "\0", "\ud800"];
const BYTES = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x22, 0x2f, 0x3a, 0x7f, 0x80, 0xc0, 0xed, 0xfe, 0xff];

/** Stand for what no JavaScript value writes out as; no text of a seed has them in it. */
const RAW = { deep: "\u0001deep", wide: "\u0001wide", infinite: "\u0001infinite", precise: "\u0001precise" } as const;

const below = (next: Random, limit: number): number => Math.floor(next() * limit);

/** The same for the same name, seed and number, whatever was asked before. */
export function inputAt(target: Pick<Target, "name" | "seeds">, seed: number, at: number): Buffer {
  const next = seeded(hash(`${target.name}:${seed}:${at}`));
  next();
  const chosen = pick(next, target.seeds);
  // The honest ones first: a target whose own seeds fail is wrong itself.
  const honest = target.seeds[at];
  if (honest !== undefined) return written(honest);
  const input = "json" in chosen ? jsonInput(next, chosen.json, target.seeds) : bytesInput(next, written(chosen), target.seeds);
  return input.subarray(0, "json" in chosen ? input.length : MAX_INPUT_BYTES);
}

function written(seed: Seed): Buffer {
  return Buffer.from("json" in seed ? JSON.stringify(seed.json) : seed.bytes);
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 16_777_619);
  return value | 0;
}

function bytesInput(next: Random, seed: Buffer, seeds: readonly Seed[]): Buffer {
  let bytes = Buffer.from(seed);
  for (let steps = 1 + below(next, 6); steps > 0; steps -= 1) bytes = changeBytes(next, bytes, seeds);
  return bytes;
}

function changeBytes(next: Random, bytes: Buffer<ArrayBuffer>, seeds: readonly Seed[]): Buffer<ArrayBuffer> {
  const at = below(next, bytes.length + 1);
  const length = Math.min(bytes.length - at, 1 + below(next, next() < 0.8 ? 8 : 512));
  switch (below(next, 10)) {
    case 0: // One bit.
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(next, 8));
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = pick(next, BYTES);
      return bytes;
    case 2: // Cut short.
      return bytes.subarray(0, at);
    case 3: // A hole.
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 4: // A stretch once more, or often.
      return Buffer.concat([
        bytes.subarray(0, at),
        ...Array.from({ length: 1 + below(next, next() < 0.9 ? 3 : 200) }, () => bytes.subarray(at, at + length)),
        bytes.subarray(at),
      ]);
    case 5: // The end of another.
      return Buffer.concat([bytes.subarray(0, at), spliceFrom(next, seeds)]);
    case 6: // A length field that lies.
      if (bytes.length - at >= 4) bytes.writeUInt32BE(pick(next, [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, bytes.length]), at);
      return bytes;
    case 7:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(next, TEXTS)), bytes.subarray(at)]);
    case 8:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.alloc(below(next, next() < 0.9 ? 64 : 65_536), pick(next, BYTES)),
        bytes.subarray(at),
      ]);
    default: // Nothing of it is what it was.
      for (let index = at; index < at + length; index += 1) bytes[index] = below(next, 256);
      return bytes;
  }
}

function spliceFrom(next: Random, seeds: readonly Seed[]): Buffer {
  const other = written(pick(next, seeds));
  return other.subarray(below(next, other.length + 1));
}

function jsonInput(next: Random, seed: unknown, seeds: readonly Seed[]): Buffer {
  let value: unknown = structuredClone(seed);
  for (let steps = 1 + below(next, 4); steps > 0; steps -= 1) value = changeJson(next, value, seeds);
  const depth = pick(next, [10, 200, 3_000, 60_000]);
  const text = (JSON.stringify(value) ?? "null")
    .replaceAll(JSON.stringify(RAW.deep), () => `${"[".repeat(depth)}${"]".repeat(depth)}`)
    .replaceAll(JSON.stringify(RAW.wide), () => `[${"{},".repeat(depth)}{}]`)
    .replaceAll(JSON.stringify(RAW.infinite), "1e999")
    .replaceAll(JSON.stringify(RAW.precise), "9007199254740993");
  return Buffer.from(text);
}

/** Changes one place of a JSON value, chosen anywhere in it. */
function changeJson(next: Random, value: unknown, seeds: readonly Seed[]): unknown {
  const places = placesIn(value);
  if (places.length === 0 || next() < 0.03) return otherValue(next, value, seeds);
  const { holder, key } = pick(next, places);
  const set = (to: unknown): void => setOwn(holder, key, to);
  switch (below(next, 8)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete (holder as Record<string, unknown>)[key];
      return value;
    case 1: // A key too many.
      if (Array.isArray(holder)) holder.push(otherValue(next, null, seeds));
      else setOwn(holder, next() < 0.7 ? pick(next, KEYS) : String(below(next, 1e6)), otherValue(next, null, seeds));
      return value;
    case 2: // Another place's value.
      set(structuredClone(ownOf(pick(next, places))));
      return value;
    case 3:
      if (Array.isArray(holder) && holder.length > 0) for (let left = below(next, 50); left > 0; left -= 1) holder.push(holder[0]);
      else set({ polluted: true });
      return value;
    default:
      set(otherValue(next, ownOf({ holder, key }), seeds));
      return value;
  }
}

interface Place {
  readonly holder: object;
  readonly key: string;
}

function placesIn(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null || found.length > 2_000) return found;
  for (const key of Object.keys(value)) {
    found.push({ holder: value, key });
    placesIn(ownOf({ holder: value, key }), found);
  }
  return found;
}

/** Not by assignment: `__proto__` must become a key of its own, as JSON.parse makes it. */
function setOwn(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}
const ownOf = ({ holder, key }: Place): unknown => Object.getOwnPropertyDescriptor(holder, key)?.value as unknown;

function otherValue(next: Random, was: unknown, seeds: readonly Seed[]): unknown {
  switch (below(next, 13)) {
    case 0:
      return pick(next, [null, true, false]);
    case 1:
      return pick(next, NUMBERS);
    case 2:
      return typeof was === "number" ? was + pick(next, [1, -1, 0.5, 1e9]) : RAW.infinite;
    case 3:
      return pick(next, TEXTS);
    case 4:
      return (typeof was === "string" && was !== "" ? was.slice(0, 64) : "x").repeat(pick(next, [2, 50, 1_000, 4_000]));
    case 5:
      return RAW.deep;
    case 6:
      return next() < 0.1 ? RAW.wide : [];
    case 7:
      return JSON.parse(`{${JSON.stringify(pick(next, KEYS))}:{"polluted":1}}`) as unknown;
    case 8:
      return RAW.precise;
    case 9:
      return {};
    case 10: {
      const other = pick(next, seeds);
      return structuredClone("json" in other ? other.json : other.bytes.toString());
    }
    default:
      return typeof was === "string" ? changeText(next, was) : [was];
  }
}

function changeText(next: Random, text: string): string {
  const at = below(next, text.length + 1);
  switch (below(next, 5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + pick(next, TEXTS) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + 1);
    case 3:
      return text.toUpperCase();
    default:
      return text.slice(0, at) + String.fromCharCode(below(next, 65_536)) + text.slice(at + 1);
  }
}
