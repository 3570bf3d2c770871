import type { MetricRange, MetricsView } from "@indium/contract/api/metric-views";
import { METRIC_STEP_MS } from "@indium/contract/plain/metrics";
import { gridOf, METRIC_PLANS, METRIC_TIERS, MeanGrid, startOf } from "@indium/domain/metric-series";
import type { Db } from "../db";
import { decodeReals } from "./metrics-reals";

/** Raw partitions are pruned by this: older slots are dropped anyway. */
const NEWEST_LOOKBACK_MS = METRIC_TIERS.raw.keptMs;

export interface MetricsQuestion {
  readonly range: MetricRange;
  /** Only steps from this time on (ms), for a chart that shows the others already. */
  readonly since?: number | undefined;
}

/**
 * A chart's points. Each stretch of time is read from one tier: what is rolled up from its tier, what is younger from the finer one, so that nothing counts twice.
 * A host's own.
 */
export function readHostMetrics(db: Db, hostId: string, question: MetricsQuestion, nowMs: number): Promise<MetricsView> {
  return read(db, { subject: hostId, hostId, instanceId: null }, question, nowMs);
}

/** An instance's, measured by the host it is on. */
export async function readInstanceMetrics(db: Db, instanceId: string, question: MetricsQuestion, nowMs: number): Promise<MetricsView> {
  const { hostId } = await db.instance.findUniqueOrThrow({ where: { id: instanceId }, select: { hostId: true } });
  return read(db, { subject: instanceId, hostId, instanceId }, question, nowMs);
}

interface Subject {
  readonly subject: string;
  readonly hostId: string | null;
  readonly instanceId: string | null;
}

async function read(db: Db, subject: Subject, { range, since }: MetricsQuestion, nowMs: number): Promise<MetricsView> {
  const whole = gridOf(range, nowMs);
  const from = Math.max(whole.from, Math.min(startOf(since ?? whole.from, whole.stepMs), whole.to - whole.stepMs));
  const grid = { from, stepMs: whole.stepMs, length: (whole.to - from) / whole.stepMs };
  const means = new MeanGrid(grid);
  const { tier } = METRIC_PLANS[range];
  const [bounds, newest] = await Promise.all([rolledUntil(db), newestOf(db, subject, nowMs)]);
  const clamp = (at: number) => Math.min(whole.to, Math.max(from, at));
  const quartersUntil = tier === "quarter" ? clamp(bounds.quarter) : from;
  const minutesUntil = tier === "raw" ? from : Math.max(quartersUntil, clamp(bounds.minute));
  await Promise.all([
    tier === "quarter" ? addRows(db, means, "quarter", subject.subject, from, quartersUntil) : null,
    tier === "raw" ? null : addRows(db, means, "minute", subject.subject, quartersUntil, minutesUntil),
    addRaw(db, means, subject, minutesUntil, whole.to),
  ]);
  return { range, ...grid, series: means.series(), ...newest };
}

/** Where each tier ends now, ms; what is older than this and not there was never measured. */
async function rolledUntil(db: Db): Promise<{ minute: number; quarter: number }> {
  const rows = await db.$queryRaw<{ tier: string; start: Date }[]>`SELECT tier, max(start) AS start FROM metrics.rolled GROUP BY tier`;
  const end = (tier: "minute" | "quarter") => {
    const last = rows.find((row) => row.tier === tier)?.start;
    return last === undefined ? 0 : last.getTime() + METRIC_TIERS[tier].rowMs;
  };
  return { minute: end("minute"), quarter: end("quarter") };
}

async function newestOf(
  db: Db,
  { hostId, instanceId }: Subject,
  nowMs: number,
): Promise<{ newestAt: number | null; hostNewestAt: number | null }> {
  if (hostId === null) return { newestAt: null, hostNewestAt: null };
  const since = new Date(nowMs - NEWEST_LOOKBACK_MS);
  const end = (slot: Date | undefined) => (slot === undefined ? null : slot.getTime() + METRIC_STEP_MS);
  const [hostRow] = await db.$queryRaw<{ slot: Date }[]>`
    SELECT slot FROM metrics.raw WHERE host = ${hostId} AND slot >= ${since} ORDER BY slot DESC LIMIT 1`;
  if (instanceId === null) return { newestAt: end(hostRow?.slot), hostNewestAt: end(hostRow?.slot) };
  const [row] = await db.$queryRaw<{ slot: Date }[]>`
    SELECT slot FROM metrics.raw WHERE host = ${hostId} AND slot >= ${since} AND ${instanceId} = ANY(instances) ORDER BY slot DESC LIMIT 1`;
  return { newestAt: end(row?.slot), hostNewestAt: end(hostRow?.slot) };
}

async function addRows(db: Db, means: MeanGrid, tier: "minute" | "quarter", subject: string, from: number, to: number): Promise<void> {
  if (from >= to) return;
  const [first, last] = [new Date(startOf(from, METRIC_TIERS[tier].rowMs)), new Date(to)];
  const rows =
    tier === "minute"
      ? await db.$queryRaw<{ start: Date; values: Uint8Array }[]>`
          SELECT start, array_send(values) AS values FROM metrics.minute WHERE subject = ${subject} AND start >= ${first} AND start < ${last}`
      : await db.$queryRaw<{ start: Date; values: Uint8Array }[]>`
          SELECT start, array_send(values) AS values FROM metrics.quarter WHERE subject = ${subject} AND start >= ${first} AND start < ${last}`;
  for (const { start, values } of rows) means.addRow(start.getTime(), tier, decodeReals(values), { from, to });
}

async function addRaw(db: Db, means: MeanGrid, { hostId, instanceId }: Subject, from: number, to: number): Promise<void> {
  if (hostId === null || from >= to) return;
  const [first, last] = [new Date(from), new Date(to)];
  const rows =
    instanceId === null
      ? await db.$queryRaw<{ slot: Date; values: Uint8Array }[]>`
          SELECT slot, array_send("hostValues") AS values FROM metrics.raw WHERE host = ${hostId} AND slot >= ${first} AND slot < ${last}`
      : await db.$queryRaw<{ slot: Date; values: Uint8Array }[]>`
          SELECT slot, array_send("instanceValues"[(place - 1) * width + 1 : place * width]) AS values
          FROM metrics.raw CROSS JOIN LATERAL array_position(instances, ${instanceId}) AS place
          WHERE host = ${hostId} AND slot >= ${first} AND slot < ${last} AND place IS NOT NULL`;
  for (const { slot, values } of rows) means.addAll(slot.getTime(), decodeReals(values), METRIC_STEP_MS);
}
