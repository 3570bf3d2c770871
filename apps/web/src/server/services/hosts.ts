import { HostView } from "@indium/contract/api/host-views";
import { AppError } from "@indium/contract/errors";
import { HostFacts, HostUsage } from "@indium/contract/host";
import type { HostId } from "@indium/contract/ids";
import type { Prisma } from "../../generated/prisma/client";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { type Acting, audit, auditBy } from "./audit";
import { hostState } from "./host-state";
import { NOTHING_PENDING } from "./instances";
import { cancelOpenOperations } from "./operations";
import { forgetPairs, lockWithPeers } from "./overlay-pairs";
import { type AllocatedRow, allocatedOn, cordonersOf, lockPlacement } from "./placement";

const EVENTS_SHOWN = 50;
type HostRow = Prisma.HostGetPayload<{ include: { site: true } }>;

/** Without their events, which only a host's own page shows. */
export async function listHosts(db: Db, organizationId: string, nowMs: number): Promise<HostView[]> {
  const rows = await db.host.findMany({
    where: { organizationId, revokedAt: null },
    include: { site: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
  return hostViews(db, rows, nowMs);
}

export async function hostViews(db: Db, rows: readonly HostRow[], nowMs: number): Promise<HostView[]> {
  const allocated = await allocatedOn(
    db,
    rows.map((row) => row.id),
  );
  const names = await cordonersOf(db, rows);
  return rows.map((row) => hostView(row, allocated.get(row.id), names, [], nowMs));
}

/** @throws AppError `not_found`. */
export async function getHost(db: Db, organizationId: string, hostId: string, nowMs: number): Promise<HostView> {
  const row = await db.host.findFirst({ where: { id: hostId, organizationId, revokedAt: null }, include: { site: true } });
  if (row === null) throw hostNotFound();
  const events = await db.hostEvent.findMany({ where: { hostId }, orderBy: { id: "desc" }, take: EVENTS_SHOWN });
  return hostView(row, (await allocatedOn(db, [hostId])).get(hostId), await cordonersOf(db, [row]), events, nowMs);
}

function hostView(
  row: HostRow,
  allocated: AllocatedRow | undefined,
  cordoners: ReadonlyMap<string, string>,
  events: readonly { at: Date; level: string; message: string }[],
  nowMs: number,
): HostView {
  const facts = HostFacts.safeParse(row.facts);
  const usage = HostUsage.safeParse(row.usage);
  return HostView.parse({
    id: row.id,
    organizationId: row.organizationId,
    siteId: row.siteId,
    siteName: row.site?.name ?? null,
    name: row.name,
    state: hostState(row, nowMs),
    simulated: row.simulated,
    facts: facts.success ? facts.data : null,
    usage: usage.success ? usage.data : null,
    allocated: { vcpus: allocated?.vcpus ?? 0, memoryBytes: allocated?.memoryBytes ?? 0, instances: allocated?.instances ?? 0 },
    cordon:
      row.cordonedAt === null || row.cordonReason === null
        ? null
        : { by: cordoners.get(row.cordonedById ?? "") ?? null, reason: row.cordonReason, at: row.cordonedAt },
    enrolledAt: row.enrolledAt,
    lastSeenAt: row.lastSeenAt,
    relayName: row.relayName,
    local: row.local,
    events: events.map(({ at, level, message }) => ({ at, level, message })),
  });
}

export interface HostRequest {
  readonly organizationId: string;
  readonly hostId: string;
  readonly actorId: string | null;
  readonly remoteAddress?: string | null;
  readonly nowMs: number;
}

/** @throws AppError `already_exists` with the form's field. */
export async function renameHost(db: Db, request: HostRequest, name: string): Promise<void> {
  await db.$transaction(async (tx) => {
    // Names are few and renames rare: the organization's renames take turns, so that two never take one name.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`host-names:${request.organizationId}`}, 0))`;
    const taken = await tx.host.findFirst({
      where: { organizationId: request.organizationId, name, revokedAt: null, id: { not: request.hostId } },
      select: { id: true },
    });
    if (taken !== null)
      throw new AppError("already_exists", `A host named ${name} exists already. Choose another name.`, { field: "name" });
    const { count } = await tx.host.updateMany({
      where: { id: request.hostId, organizationId: request.organizationId, revokedAt: null },
      data: { name },
    });
    if (count === 0) throw hostNotFound();
    await auditHost(tx, request, "host.rename", { name });
    await publishChange(tx, { organizationId: request.organizationId, resource: "host", id: request.hostId });
  });
}

/**
 * Keeps new instances off a host, or lets them on again (`reason` null); what is there stays. Cordoned again it has the newer reason.
 * @throws AppError `not_found`.
 */
export async function cordonHost(acting: Acting, organizationId: string, hostId: string, reason: string | null): Promise<void> {
  const now = acting.now();
  await (acting.db as Db).$transaction(async (tx) => {
    // In turn with placements: what is placed after this knows of it.
    await lockPlacement(tx, organizationId);
    const { count } = await tx.host.updateMany({
      where: { id: hostId, organizationId, revokedAt: null },
      data:
        reason === null
          ? { cordonedAt: null, cordonReason: null, cordonedById: null }
          : { cordonedAt: now, cordonReason: reason, cordonedById: acting.actor.userId },
    });
    if (count === 0) throw hostNotFound();
    await auditBy(tx, acting, {
      organizationId,
      action: reason === null ? "host.uncordon" : "host.cordon",
      target: { kind: "host", id: hostId },
      ...(reason === null ? {} : { detail: { reason } }),
    });
    await publishChange(tx, { organizationId, resource: "host", id: hostId });
  });
}

/**
 * Revokes a host: its key is worth nothing from now on. Nothing is deleted on the machine; with `force` the instances it holds are
 * forgotten here, and their VMs keep running there, unclaimed.
 * @returns what the caller cuts the link with.
 * @throws AppError `precondition_failed` while instances exist and `force` is not given.
 */
export async function removeHost(db: Db, request: HostRequest, force: boolean): Promise<{ id: HostId; relayName: string | null }> {
  return db.$transaction(async (tx) => {
    await lockWithPeers(tx, request.hostId);
    const host = await tx.host.findFirst({ where: { id: request.hostId, organizationId: request.organizationId, revokedAt: null } });
    if (host === null) throw hostNotFound();
    const instances = await tx.instance.findMany({ where: { hostId: host.id, deletedAt: null }, select: { id: true, name: true } });
    if (instances.length > 0 && !force) throw stillHolds(host.name, instances);
    const now = new Date(request.nowMs);
    for (const instance of instances) {
      await cancelOpenOperations(tx, instance.id, `Host ${host.name} was removed.`, request.nowMs);
      await tx.nic.deleteMany({ where: { instanceId: instance.id } });
      await publishChange(tx, { organizationId: request.organizationId, resource: "instance", id: instance.id });
    }
    await tx.instance.updateMany({
      where: { hostId: host.id, deletedAt: null },
      data: { desired: "gone", desiredGeneration: { increment: 1 }, deletedAt: now, secretsCiphertext: null, ...NOTHING_PENDING },
    });
    await tx.network.updateMany({ where: { hostId: host.id, deletedAt: null }, data: { deletedAt: now } });
    await forgetPairs(tx, request.organizationId, host.id);
    // The epoch rises, so that whatever the old link still sends is refused.
    await tx.host.update({
      where: { id: host.id },
      data: { revokedAt: now, leaseExpiresAt: now, linkEpoch: { increment: 1 }, relayUrl: null, relayName: null },
    });
    await auditHost(tx, request, "host.remove", { name: host.name, forced: force, forgotten: instances.map((instance) => instance.id) });
    await publishChange(tx, { organizationId: request.organizationId, resource: "host", id: host.id });
    return { id: host.id as HostId, relayName: host.relayName };
  });
}

function stillHolds(name: string, instances: readonly { name: string }[]): AppError {
  const some = instances.slice(0, 5).map((instance) => instance.name);
  const rest = instances.length > some.length ? ` and ${instances.length - some.length} more` : "";
  return new AppError(
    "precondition_failed",
    `Host ${name} still holds ${instances.length} ${instances.length === 1 ? "instance" : "instances"} (${some.join(", ")}${rest}). Delete ${instances.length === 1 ? "it" : "them"} first, or remove the host all the same: what runs there keeps running, and Indium forgets it.`,
  );
}

const hostNotFound = (): AppError => new AppError("not_found", "This host does not exist, or was removed.");

async function auditHost(
  tx: Tx,
  request: HostRequest,
  action: "host.rename" | "host.remove",
  detail: Prisma.InputJsonObject,
): Promise<void> {
  const { organizationId, hostId, actorId, remoteAddress = null, nowMs } = request;
  await audit(
    tx,
    { actorId, remoteAddress, at: new Date(nowMs) },
    { organizationId, action, target: { kind: "host", id: hostId }, detail },
  );
}
