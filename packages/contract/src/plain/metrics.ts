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

/** How far back a chart reaches. */
export const METRIC_RANGES = ["1h", "6h", "24h", "7d", "30d", "1y"] as const;
