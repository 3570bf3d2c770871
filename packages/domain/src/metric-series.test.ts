import { MetricRange } from "@indium/contract/api/metric-views";
import { METRICS } from "@indium/contract/plain/metrics";
import { describe, expect, it } from "vitest";
import { gridOf, METRIC_PLANS, METRIC_TIERS, MeanGrid, mergeNewer, startOf, summaryOf } from "./metric-series";

const NOON = Date.UTC(2026, 10, 21, 12);

/** Small and the same in each run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe("what charts are drawn from", () => {
  it.each(MetricRange.options)("%s has at most 1,500 points of whole steps, which its tier keeps", (range) => {
    const { spanMs, stepMs, tier } = METRIC_PLANS[range];
    expect(spanMs / stepMs).toBeLessThanOrEqual(1_500);
    expect(Number.isInteger(spanMs / stepMs)).toBe(true);
    expect(stepMs % METRIC_TIERS[tier].stepMs).toBe(0);
    expect(spanMs).toBeLessThanOrEqual(METRIC_TIERS[tier].keptMs);
    const grid = gridOf(range, NOON + 1);
    expect(grid.from % stepMs).toBe(0);
    expect(grid.to).toBeGreaterThan(NOON + 1);
    expect(grid.to - grid.from).toBe(spanMs);
  });

  it("has days of the same length on every day of the year, those of changing clocks too", () => {
    for (let day = 0; day < 366; day++) expect(startOf(Date.UTC(2026, 0, 1 + day, 23, 59), 86_400_000)).toBe(Date.UTC(2026, 0, 1 + day));
  });
});

describe("means", () => {
  const grid = { from: NOON, stepMs: 60_000, length: 3 };

  it("are of what was measured; a step with nothing in it is a gap, and a zero is a zero", () => {
    const means = new MeanGrid(grid);
    means.addAll(NOON, [1, 0], 15_000);
    means.addAll(NOON + 15_000, [2, null], 15_000);
    means.addAll(NOON + 120_000, [null, 8], 15_000);
    expect(means.series()).toEqual({ cpu: [1.5, null, null], memory: [0, null, 8] });
    expect(means.isEmpty).toBe(false);
    expect(new MeanGrid(grid).isEmpty).toBe(true);
  });

  it("leave out what lies outside, and metrics of a newer agent", () => {
    const means = new MeanGrid(grid);
    means.addAll(NOON - 1, [9], 15_000);
    means.addAll(NOON + 180_000, [9], 15_000);
    means.addAll(NOON, [...METRICS.map(() => 1), 99], 15_000);
    expect(Object.keys(means.series())).toHaveLength(METRICS.length);
    expect(means.series().cpu).toEqual([1, null, null]);
  });

  it("weigh what holds longer more", () => {
    const means = new MeanGrid({ from: NOON, stepMs: 900_000, length: 1 });
    means.add(NOON, 0, 10, 60_000);
    means.add(NOON + 60_000, 0, 0, 15_000);
    expect(means.series().cpu).toEqual([8]);
  });

  it("through the tiers are the means of the samples themselves, whatever is missing, late or out of order", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const next = random(seed);
      const samples = Array.from({ length: 240 }, (_, slot) => ({ at: NOON + slot * 15_000, value: next() < 0.25 ? null : next() * 100 }));
      const hour = new MeanGrid({ from: NOON, stepMs: 60_000, length: 60 });
      for (const { at, value } of [...samples].sort(() => next() - 0.5)) hour.add(at, 0, value, 15_000);
      const minutes = hour.flat();
      for (let minute = 0; minute < 60; minute++) {
        const known = samples.slice(minute * 4, minute * 4 + 4).flatMap(({ value }) => value ?? []);
        const expected = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
        if (expected === null) expect(minutes[minute]).toBeNull();
        else expect(minutes[minute]).toBeCloseTo(expected, 3);
      }
      const day = new MeanGrid({ from: NOON, stepMs: 900_000, length: 4 });
      day.addRow(NOON, "minute", minutes);
      for (const [quarter, value] of (day.series().cpu ?? []).entries()) {
        const known = minutes.slice(quarter * 15, quarter * 15 + 15).flatMap((minute) => minute ?? []);
        if (known.length > 0) expect(value).toBeCloseTo(known.reduce((sum, minute) => sum + minute, 0) / known.length, 3);
        // Down-sampling invents nothing: no mean is outside of what was measured.
        if (value !== null) {
          expect(value).toBeGreaterThanOrEqual(Math.min(...known) - 1e-3);
          expect(value).toBeLessThanOrEqual(Math.max(...known) + 1e-3);
        }
      }
    }
  });

  it("read of a kept row only what the range asks for", () => {
    const means = new MeanGrid({ from: NOON, stepMs: 60_000, length: 60 });
    means.addRow(
      NOON,
      "minute",
      Array.from({ length: 60 }, (_, minute) => minute),
      { from: NOON + 120_000, to: NOON + 240_000 },
    );
    expect(means.series().cpu?.slice(0, 6)).toEqual([null, null, 2, 3, null, null]);
  });
});

describe("a chart that is open", () => {
  const view = (from: number, cpu: (number | null)[], more: object = {}) => ({
    range: "1h" as const,
    from,
    stepMs: 15_000,
    length: cpu.length,
    series: cpu.every((value) => value === null) ? {} : { cpu },
    newestAt: null,
    hostNewestAt: null,
    ...more,
  });

  it("takes newer points on its right and lets go of as many on its left", () => {
    const merged = mergeNewer(view(NOON, [1, 2, 3, 4]), view(NOON + 45_000, [5, 6, null], { newestAt: 7 }));
    expect(merged).toMatchObject({ from: NOON + 30_000, length: 4, newestAt: 7, series: { cpu: [3, 5, 6, null] } });
  });

  it("shows the time between as a gap when it was away", () => {
    expect(mergeNewer(view(NOON, [1, 2, 3, 4]), view(NOON + 75_000, [9])).series.cpu).toEqual([3, 4, null, 9]);
    expect(mergeNewer(view(NOON, [1, 2, 3, 4]), view(NOON + 900_000, [9]))).toMatchObject({
      length: 4,
      series: { cpu: [null, null, null, 9] },
    });
    const past = view(NOON - 900_000, [9]);
    expect(mergeNewer(view(NOON, [1, 2, 3, 4]), past)).toEqual(past);
  });

  it("keeps a series that has nothing new, and takes one that is new", () => {
    const before = { ...view(NOON, [1, 2]), series: { cpu: [1, 2], memory: [7, 8] } };
    const after = { ...view(NOON + 30_000, [3]), series: { cpu: [3], sent: [5] } };
    expect(mergeNewer(before, after).series).toEqual({ cpu: [2, 3], memory: [8, null], sent: [null, 5] });
  });

  it("repeats nothing that is told twice", () => {
    const shown = view(NOON, [1, 2, 3, 4]);
    expect(mergeNewer(shown, view(NOON + 45_000, [4])).series).toEqual(shown.series);
  });
});

describe("a summary", () => {
  it("is of what was measured", () => {
    expect(summaryOf([null, 4, 2, null, 6, null])).toEqual({ min: 2, average: 4, max: 6, last: 6 });
    expect(summaryOf([0])).toEqual({ min: 0, average: 0, max: 0, last: 0 });
    expect(summaryOf([null, null])).toBeNull();
    expect(summaryOf([])).toBeNull();
  });
});
