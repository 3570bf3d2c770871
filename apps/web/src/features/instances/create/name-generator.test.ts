import { InstanceName } from "@indium/contract/instance";
import { describe, expect, test } from "vitest";
import { freeName, friendlyName } from "./name-generator";

/** A small linear congruential generator: the same names in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe("names", () => {
  test("are always legal", () => {
    const random = seeded(1);
    for (let index = 0; index < 500; index += 1) expect(InstanceName.safeParse(friendlyName(random)).success).toBe(true);
  });
  test("hold at the ends of the random range", () => {
    expect(friendlyName(() => 0)).toMatch(/^[a-z]+-[a-z]+$/);
    expect(friendlyName(() => 0.999999999)).toMatch(/^[a-z]+-[a-z]+$/);
  });
  test("are not taken", () => {
    const always = () => 0;
    const first = friendlyName(always);
    expect(freeName(new Set([first]), always)).toBe(`${first}-2`);
    expect(freeName(new Set([first, `${first}-2`]), always)).toBe(`${first}-3`);
    expect(freeName(new Set(), always)).toBe(first);
  });
});
