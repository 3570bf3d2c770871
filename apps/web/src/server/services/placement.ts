import type { PlacementPreview, PlacementPreviewInput } from "@indium/contract/api/instance-views";
import { AppError } from "@indium/contract/errors";
import { HostFacts } from "@indium/contract/host";
import { HostId, type SiteId } from "@indium/contract/ids";
import { PlacementStrategy } from "@indium/contract/states";
import { type PlacementHost, place, placementWords } from "@indium/domain/placement";
import type { z } from "zod";
import type { Db, Tx } from "../db";

export interface AllocatedRow {
  readonly hostId: string;
  readonly vcpus: number;
  readonly memoryBytes: number;
  readonly instances: number;
}

/** What instances that are not stopped or gone take of each host. */
export async function allocatedOn(tx: Db | Tx, hostIds: readonly string[]): Promise<Map<string, AllocatedRow>> {
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
export async function placementHosts(tx: Db | Tx, organizationId: string, nowMs: number): Promise<PlacementHost[]> {
  const hosts = await tx.host.findMany({
    where: { organizationId, revokedAt: null },
    select: {
      id: true,
      name: true,
      siteId: true,
      leaseExpiresAt: true,
      facts: true,
      simulated: true,
      cordonReason: true,
      cordonedById: true,
    },
  });
  const names = await cordonersOf(tx, hosts);
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
      cordon: host.cordonReason === null ? null : { by: names.get(host.cordonedById ?? "") ?? null, reason: host.cordonReason },
      simulated: host.simulated,
      memoryBytes: facts.success ? facts.data.memoryBytes : 0,
      threads: facts.success ? facts.data.cpu.threads : 1,
      allocatedMemoryBytes: taken?.memoryBytes ?? 0,
      allocatedVcpus: taken?.vcpus ?? 0,
    };
  });
}

/** The names of those who cordoned hosts. */
export async function cordonersOf(tx: Db | Tx, hosts: readonly { readonly cordonedById: string | null }[]): Promise<Map<string, string>> {
  const ids = [...new Set(hosts.flatMap((host) => host.cordonedById ?? []))];
  const users = ids.length === 0 ? [] : await tx.user.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } });
  return new Map(users.map((user) => [user.id, user.name]));
}

export interface PlaceRequest {
  readonly organizationId: string;
  readonly hostId: HostId | null;
  readonly siteId: SiteId | null;
  readonly memoryBytes: number;
  /** Null: the organization's. */
  readonly strategy: PlacementStrategy | null;
}

async function strategyOf(tx: Db | Tx, request: PlaceRequest): Promise<PlacementStrategy> {
  if (request.strategy !== null) return request.strategy;
  const { placementStrategy } = await tx.organization.findUniqueOrThrow({
    where: { id: request.organizationId },
    select: { placementStrategy: true },
  });
  return PlacementStrategy.parse(placementStrategy);
}

/** Where it would go now. Promises nothing. */
export async function previewPlacement(db: Db, input: z.output<typeof PlacementPreviewInput>, nowMs: number): Promise<PlacementPreview> {
  const { organizationId, siteId } = input;
  const size = await db.size.findUnique({ where: { id: input.sizeId }, select: { memoryBytes: true } });
  if (size === null) return { placed: false, message: "This size does not exist. Choose another.", field: "sizeId" };
  const network =
    input.networkId === null
      ? null
      : await db.network.findFirst({ where: { id: input.networkId, deletedAt: null, host: { organizationId } }, select: { hostId: true } });
  const hostId = input.hostId ?? (network === null ? null : HostId.parse(network.hostId));
  const memoryBytes = Number(size.memoryBytes);
  const strategy = await strategyOf(db, { organizationId, hostId, siteId, memoryBytes, strategy: input.placement });
  const placement = place(await placementHosts(db, organizationId, nowMs), { hostId, siteId, memoryBytes, strategy });
  if (!placement.placed) return { placed: false, message: placement.message, field: placement.field };
  return { ...placement, leftOut: [...placement.leftOut], strategy };
}

/**
 * Chooses the host inside the creating transaction.
 * @throws AppError `no_capacity`, `host_unreachable`, `not_found`, with the form's field.
 */
export async function placeInstance(tx: Tx, request: PlaceRequest, nowMs: number): Promise<{ hostId: HostId; reason: string }> {
  await lockPlacement(tx, request.organizationId);
  const candidates = await placementHosts(tx, request.organizationId, nowMs);
  const placement = place(candidates, { ...request, strategy: await strategyOf(tx, request) });
  if (!placement.placed) throw new AppError(placement.code, placement.message, { field: placement.field });
  return { hostId: placement.hostId, reason: placementWords(placement) };
}
