import type { HostId } from "@indium/contract/ids";
import { METRIC_SAMPLES_KEPT, type MetricSample, type MetricValues } from "@indium/contract/metrics";
import { METRIC_STEP_MS, METRICS } from "@indium/contract/plain/metrics";
import { startOf } from "@indium/domain/metric-series";
import type { Db } from "../db";
import { publishMetrics } from "../live/publish";
import { ensurePartitions } from "./metrics-partitions";

/** What hosts keep while nobody takes it, and a slot for the way. Hours are made into minutes once nothing of them can come any more (metrics-rollup.ts). */
export const LATEST_SAMPLE_MS = (METRIC_SAMPLES_KEPT + 4) * METRIC_STEP_MS;
/** A slot ends before it is told; a clock may be a little ahead. */
const EARLIEST_SAMPLE_MS = 2 * METRIC_STEP_MS;
/** A host's clock that is off by more than this is wrong, and its slots are moved by whole ones. */
const CLOCK_TOLERANCE_MS = 2 * METRIC_STEP_MS;

export interface HostSamples {
  readonly hostId: HostId;
  readonly organizationId: string | null;
  /** The host's clock when it sent them. */
  readonly sentAt: number;
  readonly samples: readonly MetricSample[];
}

/**
 * Writes the samples of many hosts in one statement. One that is there already, from another web process or because its acknowledgement was lost, stays as it is.
 * Samples too old or from the future are left out: their time is rolled up already, or has not come.
 * Whose instances a host speaks of is not looked at here: charts and the tiers above read an instance from its own host's rows only.
 */
export async function ingestMetrics(db: Db, hosts: readonly HostSamples[], nowMs: number): Promise<void> {
  const rows = hosts.flatMap((host) => rowsOf(host, nowMs));
  if (rows.length === 0) return;
  await ensurePartitions(db, "raw", new Set(rows.map(({ slot }) => slot * 1_000)));
  const written = await db.$queryRaw<{ host: string; at: number }[]>`
    WITH written AS (
      INSERT INTO metrics.raw (host, slot, "hostValues", instances, width, "instanceValues")
      SELECT host, to_timestamp(slot), "hostValues", instances, width, "instanceValues"
      FROM json_to_recordset(${JSON.stringify(rows)}::json) AS sent(
        host text, slot double precision, "hostValues" real[], instances text[], width smallint, "instanceValues" real[])
      ON CONFLICT (host, slot) DO NOTHING RETURNING host, slot)
    SELECT host, max(extract(epoch FROM slot)::float8) * 1000 AS at FROM written GROUP BY host`;
  const organizations = new Map(hosts.map((host) => [host.hostId as string, host.organizationId]));
  await publishMetrics(
    db,
    written.map(({ host, at }) => ({ organizationId: organizations.get(host) ?? null, hostId: host, at })),
  );
}

interface Row {
  readonly host: string;
  /** Seconds since the epoch. */
  readonly slot: number;
  readonly hostValues: MetricValues;
  readonly instances: readonly string[];
  readonly width: number;
  readonly instanceValues: MetricValues;
}

function rowsOf({ hostId, sentAt, samples }: HostSamples, nowMs: number): Row[] {
  const off = nowMs - sentAt;
  const shift = Math.abs(off) > CLOCK_TOLERANCE_MS ? Math.round(off / METRIC_STEP_MS) * METRIC_STEP_MS : 0;
  return samples.flatMap((sample) => {
    const at = startOf(sample.at + shift, METRIC_STEP_MS);
    if (at < nowMs - LATEST_SAMPLE_MS || at > nowMs + EARLIEST_SAMPLE_MS) return [];
    // An id that is named twice would be two columns of one instance.
    const instances = new Map(sample.instances);
    const width = Math.min(METRICS.length, Math.max(0, ...[...instances.values()].map((values) => values.length)));
    const instanceValues = [...instances.values()].flatMap((values) =>
      Array.from({ length: width }, (_, metric) => values[metric] ?? null),
    );
    const row: Row = {
      host: hostId,
      slot: at / 1_000,
      hostValues: sample.host.slice(0, METRICS.length),
      instances: [...instances.keys()],
      width,
      instanceValues,
    };
    return [row];
  });
}
