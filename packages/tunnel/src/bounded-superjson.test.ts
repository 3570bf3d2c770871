import superjson from "superjson";
import { expect, it } from "vitest";
import { boundedSuperjson, readSuperjson } from "./bounded-superjson";

it("carries dates, what is undefined, and one object in two places", () => {
  const one = { text: "set" };
  const value = { at: new Date(5), none: undefined, map: new Date(6), one, again: one };
  const read = readSuperjson(JSON.parse(JSON.stringify(boundedSuperjson.serialize(value)))) as typeof value;
  expect(read).toEqual(value);
  expect(read.again).toBe(read.one);
});

it("refuses Sets, Maps and BigInts at any depth, before it works for them", () => {
  for (const value of [new Set([1]), { a: [new Map([[1, 2]])] }, { a: { b: 1n } }, new Map([["a", new Date(5)]])])
    expect(() => readSuperjson(superjson.serialize(value))).toThrow("not taken");
  const count = 100_000;
  const places = Array.from({ length: count }, (_each, index) => String(count - 1 - index));
  const bomb = { json: places.map(Number), meta: { values: ["set"], referentialEqualities: { 0: places }, v: 1 } };
  const began = performance.now();
  expect(() => readSuperjson(bomb)).toThrow("not taken");
  expect(performance.now() - began).toBeLessThan(2_000);
});

it("refuses what is no such thing", () => {
  for (const value of [
    null,
    undefined,
    { json: {}, meta: { values: { a: ["nothing"] } } },
    JSON.parse(`{"json":{},"meta":{"values":{"__proto__.x":["Date"]}}}`),
  ])
    expect(() => readSuperjson(value)).toThrow();
});

it("refuses what is deeper than anything of ours, wherever it stands, before it is turned into text", () => {
  const deep = (): unknown => JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`);
  const began = performance.now();
  for (const value of [
    { json: 1, meta: { values: { a: "x" }, v: deep() } },
    { json: deep(), meta: { values: ["Date"] } },
    { json: {}, meta: { values: deep() } },
  ])
    expect(() => readSuperjson(value)).toThrow("cannot be read");
  expect(performance.now() - began).toBeLessThan(2_000);
  let fits: unknown = 1;
  for (let depth = 0; depth < 40; depth += 1) fits = [fits];
  expect(readSuperjson(superjson.serialize(fits))).toEqual(fits);
});
