import { z } from "zod";
import { METRIC_RANGES, METRICS } from "../plain/metrics";

export const MetricRange = z.enum(METRIC_RANGES);
export type MetricRange = z.infer<typeof MetricRange>;

/** Points at equal distances: point `i` covers `stepMs` from `from + i * stepMs` on. Null is a gap: nothing was measured, which is not zero. */
export const MetricsView = z.object({
  range: MetricRange,
  from: z.number().int(),
  stepMs: z.number().int().positive(),
  /** Of every series. */
  length: z.number().int().min(0),
  /** What was never measured in the range is left out. */
  series: z.partialRecord(z.enum(METRICS), z.array(z.number().nullable())),
  /** The end of the newest slot measured, ms; null when the last hours have none. */
  newestAt: z.number().int().nullable(),
  /** The same of its host, whatever ran there: tells a host that sends nothing from an instance that is not running. */
  hostNewestAt: z.number().int().nullable(),
});
export type MetricsView = z.infer<typeof MetricsView>;
