import { parsed, type Target } from "../target";

/** Parsers that are wrong on purpose, each in one of the ways that the fuzzer must see: its own test. */
const seeds = [{ json: { name: "x", list: [1, 2, 3], nested: { deep: { length: 5 } } } }];

const careless: Target = {
  name: "broken-throws",
  seeds,
  // Takes what is there for what should be there.
  run: (input) => (parsed(input) as { nested: { deep: { length: number } } }).nested.deep.length,
};

const polluting: Target = {
  name: "broken-prototype",
  seeds,
  run: (input) => {
    const copy: Record<string, unknown> = {};
    for (const [key, value] of Object.entries((parsed(input) ?? {}) as object)) copy[key] = value;
    return copy;
  },
};

const growing: Target = {
  name: "broken-grows",
  seeds: [{ bytes: Buffer.from([0, 0, 0, 4, 1, 2, 3, 4]) }],
  // Believes a length field.
  run: (input) => (input.length < 4 ? null : Buffer.alloc(Math.min(input.readUInt32BE(0), 50_000_000))),
};

const endless: Target = {
  name: "broken-hangs",
  seeds: [{ bytes: Buffer.from([1, 0, 2, 0, 0]) }],
  // A length of zero moves it nowhere.
  run: (input) => {
    for (let at = 0; at < input.length; ) at += input[at] === 0xff ? 0 : 1;
    return null;
  },
};

const later: Target = {
  name: "broken-later",
  seeds,
  run: (input) => {
    if (input.includes("polluted")) void Promise.reject(new Error("nobody waits for this"));
    return null;
  },
};

const lying: Target = {
  name: "broken-checked",
  seeds,
  run: (input) => parsed(input),
  check: (_value, input) => (input.length < 10_000 ? null : "longer than it may be"),
};

export const BROKEN_TARGETS: readonly Target[] = [careless, polluting, growing, endless, later, lying];
