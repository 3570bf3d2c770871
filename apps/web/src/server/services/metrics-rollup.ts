import { METRIC_TIERS, MeanGrid, startOf } from "@indium/domain/metric-series";
import type { Db } from "../db";
import { LATEST_SAMPLE_MS } from "./metrics-ingest";
import { dropOldPartitions, ensurePartitions, listPartitions } from "./metrics-partitions";
import { decodeReals } from "./metrics-reals";

/**
 * Down-sampling. An hour of raw samples becomes one row of minutes for each host and instance, a day of minutes one row of quarters of an hour.
 *
 *   hour: filling ──ended, nothing late can come──▶ due ──rows written──▶ rolled
 *   day:  filling ──its last hour rolled──────────▶ due ──rows written──▶ rolled
 *
 * - Everything is found out from what is there, so that it may be run at any time, again, or by two at once: rows are inserted once for each subject and
 *   period, and a period counts as rolled when all its rows are there.
 * - Samples are refused once they are too old to be in time for their hour (LATEST_SAMPLE_MS), so that a rolled hour is never wrong.
 */
const HOUR = METRIC_TIERS.minute.rowMs;
const DAY = METRIC_TIERS.quarter.rowMs;
/** For clocks of workers that differ, and a statement under way. */
const GRACE_MS = LATEST_SAMPLE_MS + 60_000;
/** What is read at once: of raw rows of one host, and of rows of minutes. */
const RAW_STRETCH_MS = 15 * 60_000;
const SUBJECTS_AT_ONCE = 100;
const NOTES_KEPT_MS = { minute: METRIC_TIERS.minute.keptMs + 7 * DAY, quarter: METRIC_TIERS.quarter.keptMs + 60 * DAY } as const;

export async function keepMetrics(db: Db, nowMs: number): Promise<void> {
  await ensurePartitions(db, "raw", [nowMs, nowMs + HOUR]);
  await ensurePartitions(db, "minute", [nowMs, nowMs + HOUR]);
  await ensurePartitions(db, "quarter", [nowMs, nowMs + DAY]);
  const hours = await rollHours(db, nowMs);
  const days = await rollDays(db, nowMs, hours);
  await dropOldPartitions(db, "raw", nowMs, ({ from }) => hours.has(from));
  await dropOldPartitions(db, "minute", nowMs, ({ from }) => days.has(from));
  await dropOldPartitions(db, "quarter", nowMs, () => true);
  // Notes of periods whose partitions are long gone; the newest stay, for they say up to where a tier is complete.
  await db.$executeRaw`DELETE FROM metrics.rolled WHERE start < ${new Date(nowMs - NOTES_KEPT_MS.minute)} AND tier = 'minute'
    OR start < ${new Date(nowMs - NOTES_KEPT_MS.quarter)} AND tier = 'quarter'`;
}

/** @returns the hours that are rolled, ms. */
async function rollHours(db: Db, nowMs: number): Promise<ReadonlySet<number>> {
  const rolled = await rolledOf(db, "minute");
  for (const { from } of await listPartitions(db, "raw")) {
    if (rolled.has(from) || from + HOUR + GRACE_MS > nowMs) continue;
    await ensurePartitions(db, "minute", [from]);
    // One host after the other: each is found by the key, and what a whole hour of all of them holds is never in memory.
    for (const { id } of await db.host.findMany({ select: { id: true }, orderBy: { id: "asc" } })) await rollHour(db, id, from);
    await markRolled(db, "minute", from);
    rolled.add(from);
  }
  return rolled;
}

async function rollHour(db: Db, host: string, from: number): Promise<void> {
  // Not what a host says of instances that are not on it.
  const own = new Set((await db.instance.findMany({ where: { hostId: host }, select: { id: true } })).map(({ id }) => id));
  const grids = new Map<string, MeanGrid>();
  const gridOf = (subject: string): MeanGrid => {
    const grid =
      grids.get(subject) ?? new MeanGrid({ from, stepMs: METRIC_TIERS.minute.stepMs, length: HOUR / METRIC_TIERS.minute.stepMs });
    grids.set(subject, grid);
    return grid;
  };
  for (let at = from; at < from + HOUR; at += RAW_STRETCH_MS) {
    const rows = await db.$queryRaw<
      { slot: Date; hostValues: Uint8Array; instances: string[]; width: number; instanceValues: Uint8Array }[]
    >`SELECT slot, array_send("hostValues") AS "hostValues", instances, width, array_send("instanceValues") AS "instanceValues" FROM metrics.raw
      WHERE host = ${host} AND slot >= ${new Date(at)} AND slot < ${new Date(at + RAW_STRETCH_MS)}`;
    for (const { slot, hostValues, instances, width, instanceValues } of rows) {
      gridOf(host).addAll(slot.getTime(), decodeReals(hostValues), METRIC_TIERS.raw.stepMs);
      const all = decodeReals(instanceValues);
      instances.forEach((id, place) => {
        if (!own.has(id)) return;
        gridOf(id).addAll(slot.getTime(), all.slice(place * width, (place + 1) * width), METRIC_TIERS.raw.stepMs);
      });
    }
  }
  await writeRows(db, "minute", from, grids);
}

/** @returns the days that are rolled, ms. */
async function rollDays(db: Db, nowMs: number, hours: ReadonlySet<number>): Promise<ReadonlySet<number>> {
  const rolled = await rolledOf(db, "quarter");
  const waiting = (await listPartitions(db, "raw")).filter(({ from }) => !hours.has(from));
  for (const { from } of await listPartitions(db, "minute")) {
    // Hours without any partition were never measured; those with one are waited for.
    if (rolled.has(from) || from + DAY + GRACE_MS > nowMs || waiting.some((hour) => startOf(hour.from, DAY) === from)) continue;
    await ensurePartitions(db, "quarter", [from]);
    const subjects = await db.$queryRaw<{ subject: string }[]>`
      SELECT DISTINCT subject FROM metrics.minute WHERE start >= ${new Date(from)} AND start < ${new Date(from + DAY)} ORDER BY subject`;
    for (let index = 0; index < subjects.length; index += SUBJECTS_AT_ONCE)
      await rollDay(
        db,
        subjects.slice(index, index + SUBJECTS_AT_ONCE).map(({ subject }) => subject),
        from,
      );
    await markRolled(db, "quarter", from);
    rolled.add(from);
  }
  return rolled;
}

async function rollDay(db: Db, subjects: readonly string[], from: number): Promise<void> {
  const grids = new Map(
    subjects.map((subject) => [
      subject,
      new MeanGrid({ from, stepMs: METRIC_TIERS.quarter.stepMs, length: DAY / METRIC_TIERS.quarter.stepMs }),
    ]),
  );
  const rows = await db.$queryRaw<{ subject: string; start: Date; values: Uint8Array }[]>`
    SELECT subject, start, array_send(values) AS values FROM metrics.minute
    WHERE subject = ANY(${subjects}) AND start >= ${new Date(from)} AND start < ${new Date(from + DAY)}`;
  for (const { subject, start, values } of rows) grids.get(subject)?.addRow(start.getTime(), "minute", decodeReals(values));
  await writeRows(db, "quarter", from, grids);
}

async function writeRows(db: Db, tier: "minute" | "quarter", from: number, grids: ReadonlyMap<string, MeanGrid>): Promise<void> {
  const rows = [...grids].filter(([, grid]) => !grid.isEmpty).map(([subject, grid]) => ({ subject, values: grid.flat() }));
  const start = new Date(from);
  for (let index = 0; index < rows.length; index += SUBJECTS_AT_ONCE) {
    const json = JSON.stringify(rows.slice(index, index + SUBJECTS_AT_ONCE));
    if (tier === "minute")
      await db.$executeRaw`INSERT INTO metrics.minute (subject, start, values)
        SELECT subject, ${start}, values FROM json_to_recordset(${json}::json) AS made(subject text, values real[])
        ON CONFLICT (subject, start) DO NOTHING`;
    else
      await db.$executeRaw`INSERT INTO metrics.quarter (subject, start, values)
        SELECT subject, ${start}, values FROM json_to_recordset(${json}::json) AS made(subject text, values real[])
        ON CONFLICT (subject, start) DO NOTHING`;
  }
}

async function rolledOf(db: Db, tier: "minute" | "quarter"): Promise<Set<number>> {
  const rows = await db.$queryRaw<{ start: Date }[]>`SELECT start FROM metrics.rolled WHERE tier = ${tier}`;
  return new Set(rows.map(({ start }) => start.getTime()));
}

async function markRolled(db: Db, tier: "minute" | "quarter", from: number): Promise<void> {
  await db.$executeRaw`INSERT INTO metrics.rolled (tier, start) VALUES (${tier}, ${new Date(from)}) ON CONFLICT DO NOTHING`;
}
