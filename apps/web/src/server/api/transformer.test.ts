import superjson from "superjson";
import { expect, it } from "vitest";
import { transformer } from "./transformer";

it("reads what the dashboard sends, and no NUL, wherever it stands", () => {
  const input = { name: "x", at: new Date(5), tags: { role: "web" }, none: undefined };
  expect(transformer.deserialize(superjson.serialize(input))).toEqual(input);
  for (const value of ["a\0", { a: ["b", { c: "\0" }] }, { "k\0": 1 }])
    expect(() => transformer.deserialize(superjson.serialize(value))).toThrow("NUL");
});
