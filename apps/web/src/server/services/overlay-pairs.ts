import type { HostPairView } from "@indium/contract/api/host-views";
import type { PeerPath } from "@indium/contract/direct";
import { AppError } from "@indium/contract/errors";
import { HostUsage } from "@indium/contract/host";
import { HostId } from "@indium/contract/ids";
import type { HostState } from "@indium/contract/states";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { type Acting, auditBy } from "./audit";
import { touchHost } from "./host-documents";
import { hostState } from "./host-state";
import { raiseOverlayRevision } from "./overlay";

/** Pairs of hosts that may reach each other, through their relay or directly: ground work for moving VMs. Hosts' own rules still say what they take. */
interface Pair {
  readonly organizationId: string;
  readonly hostId: string;
  readonly peerId: string;
}

/** Allowed already, it stays as it is. @throws AppError `bad_request` for a host with itself, `not_found`. */
export async function allowPair(acting: Acting, pair: Pair): Promise<void> {
  await change(acting, pair, "host.allowPair", async (tx, key) => {
    const { count } = await tx.overlayPair.createMany({
      data: [{ ...key, organizationId: pair.organizationId, createdById: acting.actor.userId, createdAt: acting.now() }],
      skipDuplicates: true,
    });
    return count;
  });
}

/** Cut off within seconds, at every relay and on the hosts. @throws AppError as `allowPair`. */
export async function revokePair(acting: Acting, pair: Pair): Promise<void> {
  await change(acting, pair, "host.revokePair", async (tx, key) => (await tx.overlayPair.deleteMany({ where: key })).count);
}

async function change(
  acting: Acting,
  { organizationId, hostId, peerId }: Pair,
  action: "host.allowPair" | "host.revokePair",
  write: (tx: Tx, key: { hostAId: string; hostBId: string }) => Promise<number>,
): Promise<void> {
  if (hostId === peerId) throw new AppError("bad_request", "A pair is of two hosts.", { field: "peerId" });
  const [hostAId = "", hostBId = ""] = [hostId, peerId].sort();
  await acting.db.$transaction(async (tx) => {
    const found = await tx.host.count({ where: { id: { in: [hostAId, hostBId] }, organizationId, revokedAt: null } });
    if (found !== 2) throw new AppError("not_found", "One of the hosts does not exist, or was removed.");
    if ((await write(tx, { hostAId, hostBId })) > 0) {
      await raiseOverlayRevision(tx);
      for (const id of [hostAId, hostBId]) await tellHost(tx, organizationId, id);
    }
    await auditBy(tx, acting, { organizationId, action, target: { kind: "host", id: hostId }, detail: { peerId } });
  });
}

export async function listPairs(db: Db, organizationId: string, hostId: string, nowMs: number): Promise<HostPairView[]> {
  const select = { id: true, name: true, usage: true, overlayKey: true, revokedAt: true, leaseExpiresAt: true } as const;
  const pairs = await db.overlayPair.findMany({
    where: { organizationId, OR: [{ hostAId: hostId }, { hostBId: hostId }] },
    include: { hostA: { select }, hostB: { select } },
    orderBy: { createdAt: "asc" },
  });
  return pairs.map(({ hostA, hostB, createdAt }) => {
    const withState = (row: typeof hostA) => ({ ...row, state: hostState(row, nowMs) });
    const [own, other] = hostA.id === hostId ? [withState(hostA), withState(hostB)] : [withState(hostB), withState(hostA)];
    return {
      ...{ hostId: HostId.parse(other.id), name: other.name, state: other.state, since: createdAt },
      onOverlay: { here: own.overlayKey !== null, there: other.overlayKey !== null },
      path: pathTo(own, other.id),
      peerPath: pathTo(other, own.id),
    };
  });
}

/** A host that is removed has no pairs any more. */
export async function forgetPairs(tx: Tx, organizationId: string, hostId: string): Promise<void> {
  const where = { OR: [{ hostAId: hostId }, { hostBId: hostId }] };
  const pairs = await tx.overlayPair.findMany({ where, select: { hostAId: true, hostBId: true } });
  if (pairs.length === 0) return;
  await tx.overlayPair.deleteMany({ where });
  await raiseOverlayRevision(tx);
  for (const { hostAId, hostBId } of pairs) await tellHost(tx, organizationId, hostAId === hostId ? hostBId : hostAId);
}

/** Locks a host and those it is paired with, in the order in which `allowPair` and `revokePair` take them. */
export async function lockWithPeers(tx: Tx, hostId: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "Host" WHERE id = ${hostId}
    OR id IN (SELECT CASE WHEN "hostAId" = ${hostId} THEN "hostBId" ELSE "hostAId" END FROM "OverlayPair" WHERE "hostAId" = ${hostId} OR "hostBId" = ${hostId})
    ORDER BY id FOR UPDATE`;
}

/** Its document says other peers. The generation is raised, so that no document of before is taken again. */
async function tellHost(tx: Tx, organizationId: string, hostId: string): Promise<void> {
  await touchHost(tx, hostId);
  await publishChange(tx, { organizationId, resource: "host", id: hostId });
}

/** What the host says itself; null when it says nothing now. */
function pathTo(host: { usage: unknown; state: HostState }, peerId: string): PeerPath | null {
  if (host.state !== "online") return null;
  return HostUsage.safeParse(host.usage).data?.peers?.find((peer) => peer.hostId === peerId) ?? null;
}
