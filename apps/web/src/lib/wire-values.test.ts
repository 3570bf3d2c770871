import superjson from "superjson";
import { expect, it } from "vitest";
import { wireValues } from "./wire-values";

const at = new Date("2026-11-21T10:00:00.000Z");
const ANSWERS: readonly unknown[] = [
  null,
  undefined,
  "x",
  at,
  [at, null, [at]],
  { items: [{ id: "i-1", createdAt: at, endedAt: null, tags: { "a.b": "1", "c\\d": "2" } }], nextCursor: null, total: 10 },
  { "dotted.name": { "back\\slash": at }, none: undefined, nan: Number.NaN, far: Number.POSITIVE_INFINITY },
];

it("reads what superjson wrote", () => {
  for (const answer of ANSWERS) expect(wireValues.deserialize(JSON.parse(JSON.stringify(superjson.serialize(answer))))).toEqual(answer);
});

it("reads twice what stands there twice", () => {
  const usage = { at };
  expect(wireValues.deserialize(JSON.parse(JSON.stringify(superjson.serialize({ first: usage, second: usage }))))).toEqual({
    first: { at },
    second: { at },
  });
});

it("writes what superjson reads", () => {
  const inputs = [
    undefined,
    at,
    { from: at, until: null, "dotted.name": { "back\\slash": [at] } },
    { organizationId: "org-1", limit: 5, left: undefined },
  ];
  for (const input of inputs) expect(superjson.deserialize(JSON.parse(JSON.stringify(wireValues.serialize(input))))).toEqual(input);
});

it("refuses what it does not know, and what would reach an object's making", () => {
  expect(() => wireValues.deserialize(superjson.serialize({ all: new Set([1]) }))).toThrow("cannot read");
  expect(() => wireValues.deserialize({ json: {}, meta: { values: { "__proto__.x": ["Date"] } } })).toThrow("cannot read");
});
