import { Decoder } from "socket.io-parser";
import { expect, it } from "vitest";
import { boundedParser } from "./bounded-parser";
import { isDeeplyNested, readForeignJson } from "./foreign-json";

const nested = (depth: number, inner = "1") => `${"[".repeat(depth)}${inner}${"]".repeat(depth)}`;

it("reads JSON as it is, and nothing else", () => {
  expect(readForeignJson('{"a":[1,{"b":"[[{"}]}')).toEqual({ a: [1, { b: "[[{" }] });
  for (const none of ["", "{", "undefined", '"']) expect(readForeignJson(none), none).toBeUndefined();
});

it("reads nothing that is nested deeper than anything of ours", () => {
  expect(readForeignJson(nested(64))).toBeInstanceOf(Array);
  for (const deep of [nested(65), nested(100_000), `{"length":${nested(20_000)}}`, '{"a":'.repeat(65)])
    expect(readForeignJson(deep)).toBeUndefined();
});

it("knows brackets in strings, and siblings, from nesting", () => {
  expect(isDeeplyNested(JSON.stringify([`${nested(70)}\\"${nested(70)}"`, nested(70)]))).toBe(false);
  expect(isDeeplyNested(`[${"[],".repeat(200)}1]`)).toBe(false);
  expect(isDeeplyNested(`["\\\\",${nested(70)}]`)).toBe(true);
});

it("keeps what is nested too deeply from links' packets", () => {
  const decoder = new boundedParser.Decoder();
  const packets: unknown[] = [];
  decoder.on("decoded", (packet: unknown) => packets.push(packet));
  decoder.add('2["usage",{"at":1}]');
  expect(packets).toEqual([expect.objectContaining({ data: ["usage", { at: 1 }] })]);
  expect(() => decoder.add(`2["usage",${nested(65)}]`)).toThrow(/nested/);
  expect(packets).toHaveLength(1);
  expect(decoder).toBeInstanceOf(Decoder);
});
