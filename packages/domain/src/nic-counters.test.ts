import { expect, it } from "vitest";
import { refusalsInWords } from "./nic-counters";

it("says what was refused, the most frequent first, and nothing of what passed", () => {
  const counters = { accepted: 9_000, droppedMac: 42, droppedVlan: 1, droppedArp: 0, droppedIn: 1_200, ofANewerAgent: 7 };
  expect(refusalsInWords(Object.fromEntries(Object.entries(counters).map(([name, packets]) => [name, { packets }])))).toEqual([
    "1,200 packets in refused by the security groups",
    "42 frames with another NIC's MAC refused",
    "1 VLAN-tagged frame refused",
  ]);
});
