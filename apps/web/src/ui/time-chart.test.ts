import { expect, test } from "vitest";
import { formatMoment, nextIndex } from "./time-chart";

test("keys move along a chart, by one, by a tenth and to its ends", () => {
  expect(nextIndex("ArrowLeft", 100, 240)).toBe(99);
  expect(nextIndex("ArrowRight", 239, 240)).toBe(239);
  expect(nextIndex("PageDown", 100, 240)).toBe(76);
  expect(nextIndex("PageUp", 230, 240)).toBe(239);
  expect(nextIndex("Home", 100, 240)).toBe(0);
  expect(nextIndex("End", 100, 240)).toBe(239);
  expect(nextIndex("Tab", 100, 240)).toBeNull();
  expect(nextIndex("ArrowLeft", 0, 0)).toBeNull();
});

test("a moment is told as exactly as the points are", () => {
  const at = new Date(2026, 10, 21, 14, 3, 15).getTime();
  expect(formatMoment(at, 15_000, "en")).toBe("21 Nov, 14:03:15");
  expect(formatMoment(at, 60_000, "en")).toBe("21 Nov, 14:03");
  expect(formatMoment(at, 86_400_000, "en")).toBe("21 Nov");
  expect(formatMoment(at, 60_000, "de")).toBe("21. Nov., 14:03");
});
