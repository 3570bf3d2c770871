import { expect, test } from "vitest";
import { newsSince } from "./news-since";

const NOON = Date.UTC(2026, 10, 21, 12);
const SLOT = 15_000;
const shown = (stepMs: number, newestAt: number | null) => ({
  ...{ range: "1h" as const, from: NOON - 100 * stepMs, stepMs, length: 101, series: {} },
  ...{ newestAt, hostNewestAt: newestAt },
});

test("a chart of short steps asks for the newest slot and a few before it, which may have come late", () => {
  expect(newsSince(shown(SLOT, NOON), NOON)).toBe(NOON - 4 * SLOT);
  expect(newsSince(shown(60_000, NOON), NOON)).toBe(NOON - 60_000);
});

test("what a host kept while it was away is asked for from its own beginning", () => {
  expect(newsSince(shown(SLOT, NOON), NOON - 20 * SLOT)).toBe(NOON - 24 * SLOT);
});

test("nothing before the chart's own beginning is asked for", () => {
  expect(newsSince(shown(SLOT, null), NOON - 200 * SLOT)).toBe(NOON - 100 * SLOT);
});

test("a chart of long steps asks once for each step", () => {
  const quarter = 15 * 60_000;
  expect(newsSince(shown(quarter, NOON + SLOT), NOON + SLOT)).toBeNull();
  expect(newsSince(shown(quarter, NOON + quarter), NOON + quarter)).toBe(NOON);
  expect(newsSince(shown(quarter, null), NOON)).toBe(NOON - quarter);
});
