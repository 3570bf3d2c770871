import { expect, it } from "vitest";
import { refusalsOf } from "./nic-counters";

it("tells what was refused, the most frequent first, and nothing of what passed", () => {
  const counters = { accepted: 9_000, droppedMac: 42, droppedVlan: 1, droppedArp: 0, droppedIn: 1_200, ofANewerAgent: 7 };
  expect(refusalsOf(Object.fromEntries(Object.entries(counters).map(([name, packets]) => [name, { packets }])))).toEqual([
    { name: "droppedIn", count: 1_200 },
    { name: "droppedMac", count: 42 },
    { name: "droppedVlan", count: 1 },
  ]);
});
