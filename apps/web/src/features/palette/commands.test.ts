import { expect, it } from "vitest";
import { instanceInPath, matching } from "./commands";

const COMMANDS = [
  { id: "1", label: "New instance", keywords: "create vm" },
  { id: "2", label: "Instances" },
  { id: "3", label: "Security groups", keywords: "firewall" },
];

it("finds commands by any of their words, the best first", () => {
  const ids = (text: string) => matching(COMMANDS, text).map(({ id }) => id);
  expect(ids("inst")).toEqual(["2", "1"]);
  expect(ids("  VM create ")).toEqual(["1"]);
  expect(ids("firewall")).toEqual(["3"]);
  expect(ids("")).toEqual(["1", "2", "3"]);
  expect(ids("nothing like it")).toEqual([]);
});

it("knows the instance by the address, and not a page that is none", () => {
  expect(instanceInPath("/o/org-1/instances/i-0123456789abcdef0")).toBe("i-0123456789abcdef0");
  expect(instanceInPath("/o/org-1/instances/i-0123456789abcdef0/console")).toBe("i-0123456789abcdef0");
  expect(instanceInPath("/o/org-1/instances/new")).toBeNull();
  expect(instanceInPath("/o/org-1/hosts/h-0123456789abcdef0")).toBeNull();
});
