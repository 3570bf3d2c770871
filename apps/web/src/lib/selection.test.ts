import { expect, test } from "vitest";
import { NOTHING_SELECTED, toggle, within } from "./selection";

const order = ["a", "b", "c", "d", "e"];
const chosen = (selection: { ids: ReadonlySet<string> }) => [...selection.ids].sort();

test("Shift chooses from the last one to this one, upwards and downwards, and takes back the same way", () => {
  const b = toggle(NOTHING_SELECTED, "b", false, order);
  expect(chosen(toggle(b, "d", true, order))).toEqual(["b", "c", "d"]);
  const d = toggle(NOTHING_SELECTED, "d", false, order);
  const range = toggle(d, "a", true, order);
  expect(chosen(range)).toEqual(["a", "b", "c", "d"]);
  expect(chosen(toggle(range, "c", true, order))).toEqual(["d"]);
});

test("Shift without a last one, or with one that left the list, chooses one", () => {
  expect(chosen(toggle(NOTHING_SELECTED, "c", true, order))).toEqual(["c"]);
  expect(chosen(toggle({ ids: new Set(), anchor: "gone" }, "c", true, order))).toEqual(["c"]);
});

test("what left the list is no longer chosen", () => {
  const selection = { ids: new Set(["a", "gone"]), anchor: "a" };
  expect(chosen(within(selection, order))).toEqual(["a"]);
  const same = { ids: new Set(["a"]), anchor: "a" };
  expect(within(same, order)).toBe(same);
});
