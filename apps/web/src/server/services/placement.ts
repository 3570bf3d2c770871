import { AppError } from "@indium/contract/errors";
import { HostFacts } from "@indium/contract/host";
import type { HostId, SiteId } from "@indium/contract/ids";
import { type PlacementHost, place } from "@indium/domain/placement";
import type { Tx } from "../db";

export interface AllocatedRow {
  readonly hostId: string;
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly instances: number;
}

/** What instances that are not stopped or gone take of each host. */
export async function allocatedOn(tx: Tx, hostIds: readonly string[]): Promise<Map<string, AllocatedRow>> {
  const rows = await tx.$queryRaw<{ hostId: string; vcpus: bigint; memoryBytes: number; instances: bigint }[]>`
    SELECT i."hostId", sum(i.vcpus)::bigint AS vcpus, sum(i."memoryBytes")::float8 AS "memoryBytes", count(*) AS instances
    FROM "Instance" i LEFT JOIN "InstanceRuntime" r ON r."instanceId" = i.id
    WHERE i."hostId" = ANY(${hostIds}) AND i."deletedAt" IS NULL
      AND NOT (i.desired IN ('stopped', 'gone') AND coalesce(r."observedState", 'stopped') IN ('stopped', 'gone', 'failed', 'absent'))
    GROUP BY i."hostId"`;
  return new Map(
    rows.map((row) => [
      row.hostId,
      { hostId: row.hostId, vcpus: Number(row.vcpus), memoryBytes: row.memoryBytes, instances: Number(row.instances) },
    ]),
  );
}

/** Whoever promises an organization's memory takes turns, so that two of them never both take a host's last. */
export async function lockPlacement(tx: Tx, organizationId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`placement:${organizationId}`}, 0))`;
}

/** The organization's hosts, as placement sees them. */
export async function placementHosts(tx: Tx, organizationId: string, nowMs: number): Promise<PlacementHost[]> {
  const hosts = await tx.host.findMany({
    where: { organizationId, revokedAt: null },
    select: { id: true, name: true, siteId: true, leaseExpiresAt: true, facts: true, simulated: true },
  });
  const allocated = await allocatedOn(
    tx,
    hosts.map((host) => host.id),
  );
  return hosts.map((host): PlacementHost => {
    const facts = HostFacts.safeParse(host.facts);
    const taken = allocated.get(host.id);
    return {
      id: host.id as HostId,
      name: host.name,
      siteId: host.siteId as SiteId | null,
      online: host.leaseExpiresAt !== null && host.leaseExpiresAt.getTime() > nowMs && facts.success,
      simulated: host.simulated,
      memoryBytes: facts.success ? facts.data.memoryBytes : 0,
      threads: facts.success ? facts.data.cpu.threads : 1,
      allocatedMemoryBytes: taken?.memoryBytes ?? 0,
      allocatedVcpus: taken?.vcpus ?? 0,
    };
  });
}

/**
 * Chooses the host inside the creating transaction.
 * @throws AppError `no_capacity`, `host_unreachable`, `not_found`, with the form's field.
 */
export async function placeInstance(
  tx: Tx,
  request: { organizationId: string; hostId: HostId | null; siteId: SiteId | null; memoryBytes: number },
  nowMs: number,
): Promise<{ hostId: HostId; reason: string }> {
  await lockPlacement(tx, request.organizationId);
  const candidates = await placementHosts(tx, request.organizationId, nowMs);
  const placement = place(candidates, request);
  if (!placement.placed) throw new AppError(placement.code, placement.message, { field: placement.field });
  return placement;
}
