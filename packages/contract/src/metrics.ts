import { z } from "zod";
import { InstanceId } from "./ids";
import { METRIC_STEP_MS } from "./plain/metrics";

/** By position in METRICS; null: not measured (which is not zero). Shorter from older agents, longer from newer ones. */
export const MetricValues = z.array(z.number().min(0).max(1e18).nullable()).max(64);
export type MetricValues = z.infer<typeof MetricValues>;

export const MetricSample = z.object({
  /** The slot's beginning, by the host's clock. */
  at: z.number().int().positive().multipleOf(METRIC_STEP_MS),
  host: MetricValues,
  /** Those that ran at the slot's end. */
  instances: z.array(z.tuple([InstanceId, MetricValues])).max(2_000),
});
export type MetricSample = z.infer<typeof MetricSample>;

/** A host keeps so many samples (15 minutes) while nobody takes them, in memory only. */
export const METRIC_SAMPLES_KEPT = 60;
/** One message carries the newest sample and a few of those that wait. */
export const METRIC_SAMPLES_PER_MESSAGE = 4;
