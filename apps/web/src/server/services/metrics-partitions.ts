import { METRIC_TIERS, type MetricTier, startOf } from "@indium/domain/metric-series";
import type { Db } from "../db";

/**
 * Partitions of the metrics' tables: raw by the hour, minutes by the day, quarters of an hour by the month, all in UTC. They are made before they are needed
 * and dropped whole, so that nothing is ever deleted row by row.
 *
 *   (nothing) ──ensurePartitions──▶ filled ──too old, and kept in the next tier──▶ dropped
 */
const HOUR = 3_600_000;
const DAY = 86_400_000;
/** A chart of the whole range that is asked for just now still finds its first hour. */
const SPARE_MS = 30 * 60_000;
/** What could not be made into the next tier (the workers were away) is kept so much longer, and no more: disks are finite. */
const UNROLLED_KEPT_MS = 2 * DAY;
/** Making and dropping wait for whoever reads, and all others would wait behind them. */
const LOCK_TIMEOUT_MS = 3_000;

interface Partition {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export function partitionOf(tier: MetricTier, at: number): Partition {
  const stamp = (ms: number, length: number) => new Date(ms).toISOString().replaceAll(/\D/g, "").slice(0, length);
  switch (tier) {
    case "raw": {
      const from = startOf(at, HOUR);
      return { name: `raw_${stamp(from, 10)}`, from, to: from + HOUR };
    }
    case "minute": {
      const from = startOf(at, DAY);
      return { name: `minute_${stamp(from, 8)}`, from, to: from + DAY };
    }
    case "quarter": {
      const date = new Date(at);
      const from = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
      return { name: `quarter_${stamp(from, 6)}`, from, to: Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) };
    }
  }
}

/** Partitions this process has seen: they are asked about with every batch of samples. */
const seen = new WeakMap<Db, Set<string>>();

/** Makes the partitions that hold these times, where they are missing; also when others make them at the same instant. */
export async function ensurePartitions(db: Db, tier: MetricTier, times: Iterable<number>): Promise<void> {
  const known = seen.get(db) ?? new Set();
  seen.set(db, known);
  for (const at of times) {
    const partition = partitionOf(tier, at);
    if (known.has(partition.name)) continue;
    await makePartition(db, tier, partition);
    known.add(partition.name);
  }
}

async function makePartition(db: Db, tier: MetricTier, { name, from, to }: Partition): Promise<void> {
  await db.$transaction(async (tx) => {
    // Two at once would both find it missing.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('metrics partitions', 0))`;
    const [found] = await tx.$queryRaw<{ there: boolean }[]>`SELECT to_regclass(${`metrics.${name}`}) IS NOT NULL AS there`;
    if (found?.there === true) return;
    await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    // Made apart and then attached: writers of the other partitions need not stop for it. Names and bounds are our own digits.
    // Raw partitions live for hours and never change a row: vacuuming them is work for nothing.
    const options = tier === "raw" ? " WITH (autovacuum_enabled = false)" : "";
    await tx.$executeRawUnsafe(`CREATE TABLE metrics."${name}" (LIKE metrics."${tier}" INCLUDING ALL)${options}`);
    await tx.$executeRawUnsafe(
      `ALTER TABLE metrics."${tier}" ATTACH PARTITION metrics."${name}"
       FOR VALUES FROM ('${new Date(from).toISOString()}') TO ('${new Date(to).toISOString()}')`,
    );
  });
}

/** What there is of a tier, oldest first. */
export async function listPartitions(db: Db, tier: MetricTier): Promise<readonly Partition[]> {
  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass(${`metrics.${tier}`}) ORDER BY c.relname`;
  return rows.flatMap(({ name }) => {
    const digits = /_(\d{4})(\d{2})(\d{2})?(\d{2})?$/.exec(name);
    if (digits === null) return [];
    const [, year, month, day = "01", hour = "00"] = digits;
    return [partitionOf(tier, Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour)))];
  });
}

/** @param isRolled whether all of the partition is kept in the next tier. */
export async function dropOldPartitions(
  db: Db,
  tier: MetricTier,
  nowMs: number,
  isRolled: (partition: Partition) => boolean,
): Promise<void> {
  const { keptMs } = METRIC_TIERS[tier];
  for (const partition of await listPartitions(db, tier)) {
    const age = nowMs - SPARE_MS - partition.to;
    if (age < keptMs || (!isRolled(partition) && age < keptMs + UNROLLED_KEPT_MS)) continue;
    await db.$transaction(async (tx) => {
      await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await tx.$executeRawUnsafe(`DROP TABLE IF EXISTS metrics."${partition.name}"`);
    });
    seen.get(db)?.delete(partition.name);
  }
}
