import type { HostPairView } from "@indium/contract/api/host-views";
import { AppError } from "@indium/contract/errors";
import { HostId } from "@indium/contract/ids";
import type { Db, Tx } from "../db";
import { type Acting, auditBy } from "./audit";
import { raiseOverlayRevision } from "./overlay";

/** Pairs of hosts that may reach each other through their relay: ground work for moving VMs. Hosts' own rules still say what they take. */
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

/** Cut off within seconds, at every relay. @throws AppError as `allowPair`. */
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
    if ((await write(tx, { hostAId, hostBId })) > 0) await raiseOverlayRevision(tx);
    await auditBy(tx, acting, { organizationId, action, target: { kind: "host", id: hostId }, detail: { peerId } });
  });
}

export async function listPairs(db: Db, organizationId: string, hostId: string): Promise<HostPairView[]> {
  const select = { id: true, name: true } as const;
  const pairs = await db.overlayPair.findMany({
    where: { organizationId, OR: [{ hostAId: hostId }, { hostBId: hostId }] },
    include: { hostA: { select }, hostB: { select } },
    orderBy: { createdAt: "asc" },
  });
  return pairs.map(({ hostA, hostB, createdAt }) => {
    const other = hostA.id === hostId ? hostB : hostA;
    return { hostId: HostId.parse(other.id), name: other.name, since: createdAt };
  });
}

/** A host that is removed has no pairs any more. */
export async function forgetPairs(tx: Tx, hostId: string): Promise<void> {
  const { count } = await tx.overlayPair.deleteMany({ where: { OR: [{ hostAId: hostId }, { hostBId: hostId }] } });
  if (count > 0) await raiseOverlayRevision(tx);
}
