import type { MetricRange, MetricsView } from "@indium/contract/api/metric-views";
import { METRIC_STEP_MS, METRICS, type MetricName } from "@indium/contract/plain/metrics";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How measurements are kept: each tier's step, what one row of it covers, and for how long. All times are UTC. */
export const METRIC_TIERS = {
  raw: { stepMs: METRIC_STEP_MS, rowMs: METRIC_STEP_MS, keptMs: 6 * HOUR },
  minute: { stepMs: MINUTE, rowMs: HOUR, keptMs: 7 * DAY },
  quarter: { stepMs: 15 * MINUTE, rowMs: DAY, keptMs: 400 * DAY },
} as const;
export type MetricTier = keyof typeof METRIC_TIERS;

/** What a chart of a range is drawn from: at most 1,500 points, whole steps of the tier. */
export const METRIC_PLANS: Record<MetricRange, { readonly spanMs: number; readonly stepMs: number; readonly tier: MetricTier }> = {
  "1h": { spanMs: HOUR, stepMs: METRIC_STEP_MS, tier: "raw" },
  "6h": { spanMs: 6 * HOUR, stepMs: METRIC_STEP_MS, tier: "raw" },
  "24h": { spanMs: DAY, stepMs: MINUTE, tier: "minute" },
  "7d": { spanMs: 7 * DAY, stepMs: 15 * MINUTE, tier: "quarter" },
  "30d": { spanMs: 30 * DAY, stepMs: 30 * MINUTE, tier: "quarter" },
  "1y": { spanMs: 365 * DAY, stepMs: 6 * HOUR, tier: "quarter" },
};

export const startOf = (at: number, lengthMs: number): number => Math.floor(at / lengthMs) * lengthMs;

/** The range's points as of now: whole steps, the last one still under way. */
export function gridOf(range: MetricRange, nowMs: number): { from: number; to: number; stepMs: number; length: number } {
  const { spanMs, stepMs } = METRIC_PLANS[range];
  const to = startOf(nowMs, stepMs) + stepMs;
  return { from: to - spanMs, to, stepMs, length: spanMs / stepMs };
}

/**
 * Means of everything that falls into each step, by how long each measurement holds; a step with nothing in it is null. Order does not matter, and what lies
 * outside is left out.
 */
export class MeanGrid {
  readonly #from: number;
  readonly #stepMs: number;
  readonly #length: number;
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;

  constructor(grid: { readonly from: number; readonly stepMs: number; readonly length: number }) {
    this.#from = grid.from;
    this.#stepMs = grid.stepMs;
    this.#length = grid.length;
    this.#sums = new Float64Array(grid.length * METRICS.length);
    this.#weights = new Float64Array(grid.length * METRICS.length);
  }

  /** @param metric the position in METRICS; those we do not know are left out. */
  add(at: number, metric: number, value: number | null | undefined, weightMs: number): void {
    const step = Math.floor((at - this.#from) / this.#stepMs);
    if (value === null || value === undefined || !(step >= 0 && step < this.#length) || metric >= METRICS.length) return;
    const index = metric * this.#length + step;
    this.#sums[index] = (this.#sums[index] ?? 0) + value * weightMs;
    this.#weights[index] = (this.#weights[index] ?? 0) + weightMs;
  }

  /** One measurement of all metrics. */
  addAll(at: number, values: readonly (number | null)[], weightMs: number): void {
    for (let metric = 0; metric < values.length; metric++) this.add(at, metric, values[metric], weightMs);
  }

  /**
   * A kept row: metric after metric, each with its steps in order. Rows of before know fewer metrics. Of a row that reaches over `within` only
   * the part inside counts.
   */
  addRow(
    start: number,
    tier: Exclude<MetricTier, "raw">,
    values: readonly (number | null)[],
    within = { from: start, to: Number.POSITIVE_INFINITY },
  ): void {
    const { stepMs, rowMs } = METRIC_TIERS[tier];
    const steps = rowMs / stepMs;
    for (let index = 0; index < values.length; index++) {
      const at = start + (index % steps) * stepMs;
      if (at >= within.from && at < within.to) this.add(at, Math.floor(index / steps), values[index], stepMs);
    }
  }

  /** Metric after metric, each with its steps in order. */
  flat(): (number | null)[] {
    return Array.from(this.#sums, (sum, index) => {
      const weight = this.#weights[index] ?? 0;
      return weight === 0 ? null : rounded(sum / weight);
    });
  }

  get isEmpty(): boolean {
    return this.#weights.every((weight) => weight === 0);
  }

  /** By name; a metric without any value is left out. */
  series(): MetricsView["series"] {
    const flat = this.flat();
    const series: MetricsView["series"] = {};
    METRICS.forEach((name, metric) => {
      const values = flat.slice(metric * this.#length, (metric + 1) * this.#length);
      if (values.some((value) => value !== null)) series[name] = values;
    });
    return series;
  }
}

const rounded = (value: number): number => (value >= 1_000 ? Math.round(value) : Math.round(value * 10_000) / 10_000);

/**
 * The shown points with newer ones put after them: both of the same step, `newer` from any of its steps on. What has moved out of the window goes, and the window's length
 * stays.
 */
export function mergeNewer(shown: MetricsView, newer: MetricsView): MetricsView {
  const to = newer.from + newer.length * newer.stepMs;
  if (shown.stepMs !== newer.stepMs || to <= shown.from) return newer;
  const from = to - shown.length * shown.stepMs;
  const series: MetricsView["series"] = {};
  for (const name of METRICS) {
    const [before, after] = [shown.series[name], newer.series[name]];
    if (before === undefined && after === undefined) continue;
    const values = Array.from({ length: shown.length }, (_, index) => {
      const at = from + index * shown.stepMs;
      // Where both know a step the newer word counts: it has seen more of it.
      if (at >= newer.from) return after?.[(at - newer.from) / shown.stepMs] ?? null;
      return before?.[(at - shown.from) / shown.stepMs] ?? null;
    });
    if (values.some((value) => value !== null)) series[name] = values;
  }
  return { ...newer, from, length: shown.length, series, newestAt: newer.newestAt ?? shown.newestAt };
}

export interface SeriesSummary {
  readonly min: number;
  readonly average: number;
  readonly max: number;
  /** The newest that was measured. */
  readonly last: number;
}

/** Null when there is nothing but gaps. */
export function summaryOf(values: readonly (number | null)[]): SeriesSummary | null {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return null;
  const { min, max, sum } = known.reduce(
    (all, value) => ({ min: Math.min(all.min, value), max: Math.max(all.max, value), sum: all.sum + value }),
    { min: last, max: last, sum: 0 },
  );
  return { min, max, average: sum / known.length, last };
}

export const metricIndex = (name: MetricName): number => METRICS.indexOf(name);
