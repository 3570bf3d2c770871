import { expect, test } from "vitest";
import { decodeReals } from "./metrics-reals";

test("reads reals and NULLs from Postgres' binary form", () => {
  // array_send('{0.5,NULL,3}'::real[])
  const hex = "0000000100000001000002bc0000000300000001000000043f000000ffffffff0000000440400000";
  expect(decodeReals(Buffer.from(hex, "hex"))).toEqual([0.5, null, 3]);
});

test("reads an empty array, and refuses one that was cut short", () => {
  expect(decodeReals(Buffer.from("0000000000000000000002bc", "hex"))).toEqual([]);
  expect(() => decodeReals(Buffer.from("0000000100000001000002bc0000000300000001000000043f0000", "hex"))).toThrow(RangeError);
});
