import { InstanceAction } from "@indium/contract/states";
import { mayAct } from "@indium/domain/instance-actions";
import { describe, expect, test } from "vitest";
import { testFormat, translatorFor } from "@/lib/i18n/testing";
import { namesOf, partsOf, planOf } from "./bulk-plan";

const t = translatorFor("instancesBulk");
const format = testFormat();

const instance = (name: string, state: "running" | "stopped") => ({
  id: `i-${name}` as const,
  name,
  actions: Object.fromEntries(InstanceAction.options.map((action) => [action, mayAct(state, action)])) as never,
});
const some = [instance("a", "stopped"), instance("b", "running"), instance("c", "stopped")];

describe("what an action would come to", () => {
  test("those that may, and the others by the reason of their own button", () => {
    const plan = planOf("stop", some);
    expect(plan.allowed.map(({ name }) => name)).toEqual(["b"]);
    expect(plan.refused.map(({ reason, instances }) => [reason, namesOf(instances, t, format)])).toEqual([
      ["The instance is already stopped.", "a and c"],
    ]);
  });
  test("nobody refused when all may", () => {
    expect(planOf("delete", some)).toEqual({ allowed: some, refused: [] });
  });
});

test("names are counted when they are many, and never one alone", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `vm-${index}` }));
  expect(namesOf(many(1), t, format)).toBe("vm-0");
  expect(namesOf(many(6), t, format)).toBe("vm-0, vm-1, vm-2, vm-3, vm-4 and vm-5");
  expect(namesOf(many(1_205), t, format)).toBe("vm-0, vm-1, vm-2, vm-3, vm-4 and 1,200 more");
  expect(namesOf(many(1_205), translatorFor("instancesBulk", "de"), testFormat("de"))).toBe(
    "vm-0, vm-1, vm-2, vm-3, vm-4 und 1.200 weitere",
  );
});

test("parts hold everything once, in order", () => {
  const all = Array.from({ length: 45 }, (_, index) => index);
  expect(partsOf(all).flat()).toEqual(all);
  expect(partsOf(all).map((part) => part.length)).toEqual([20, 20, 5]);
  expect(partsOf([])).toEqual([]);
});
