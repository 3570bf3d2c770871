import { z } from "zod";
import { InstanceId } from "./ids";

/** One sample covers a slot of this length; slots begin at whole multiples of it since the epoch (UTC, so no day is 23 hours long). */
export const METRIC_STEP_MS = 15_000;

/**
 * What is measured, in the order in which values travel and are kept: names are only ever added at the end. Each value is the mean over
 * its slot. Bytes and operations are per second; `cpu` is processors in use (1.5: one and a half).
 *
 * Of an instance the network is told as its guest sees it: `received` is what came into the guest.
 */
export const METRICS = [
  "cpu",
  /** Of an instance: what it holds of its host's memory. Of a host: what is not available. */
  "memory",
  /** What the guest itself says it uses, by its balloon driver. Instances only. */
  "guestMemory",
  /** Of the file system with the instances' disks. Hosts only. */
  "storage",
  "diskRead",
  "diskWritten",
  "diskReads",
  "diskWrites",
  "received",
  "sent",
  "receivedPackets",
  "sentPackets",
] as const;
export type MetricName = (typeof METRICS)[number];

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
