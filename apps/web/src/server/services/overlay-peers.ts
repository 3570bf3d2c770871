import { type DesiredPeer, KeptCandidates, type OverlayCandidates } from "@indium/contract/direct";
import { HostId } from "@indium/contract/ids";
import { OverlayPrefix, overlayAddress } from "@indium/contract/overlay";
import type { Tx } from "../db";

/** What the hosts of a pair are told of each other, for direct tunnels between them. */

/** The channel of host-documents.ts, which imports this file. */
const HOST_CHANNEL = "indium_host";
const MAX_PEERS = 1_000;
const NOTHING_TOLD: KeptCandidates = { candidates: [], nat: null };

/** The other hosts of this one's pairs that are on the overlay, for its document. */
export async function desiredPeers(tx: Tx, hostId: string, overlayPrefix: string | null): Promise<DesiredPeer[]> {
  const prefix = OverlayPrefix.safeParse(overlayPrefix);
  if (!prefix.success) return [];
  const other = {
    select: { id: true, name: true, revokedAt: true, overlayIndex: true, overlayKey: true, overlayCandidates: true },
  } as const;
  const pairs = await tx.overlayPair.findMany({
    where: { OR: [{ hostAId: hostId }, { hostBId: hostId }] },
    select: { hostA: other, hostB: other },
    orderBy: [{ hostAId: "asc" }, { hostBId: "asc" }],
    take: MAX_PEERS,
  });
  return pairs.flatMap(({ hostA, hostB }) => {
    const host = hostA.id === hostId ? hostB : hostA;
    if (host.revokedAt !== null || host.overlayIndex === null || host.overlayKey === null) return [];
    const told = KeptCandidates.safeParse(host.overlayCandidates);
    return {
      hostId: HostId.parse(host.id),
      name: host.name,
      publicKey: host.overlayKey,
      address: overlayAddress(prefix.data, "host", host.overlayIndex),
      ...(told.success ? told.data : NOTHING_TOLD),
    };
  });
}

/** What a host reports of itself. The others of its pairs are told when it is news. */
export async function keepCandidates(tx: Tx, hostId: string, { candidates, nat }: OverlayCandidates): Promise<void> {
  const told = JSON.stringify({ candidates, nat } satisfies KeptCandidates);
  const changed = await tx.$executeRaw`UPDATE "Host" SET "overlayCandidates" = ${told}::jsonb
    WHERE id = ${hostId} AND "overlayCandidates" IS DISTINCT FROM ${told}::jsonb`;
  if (changed > 0) await signalPeersOf(tx, hostId);
}

/**
 * Its key, or where it is, has changed: the other hosts of its pairs are sent their documents again, at the commit. No row is locked for it and no generation
 * raised: agents take up the peers of a document they hold already.
 */
export async function signalPeersOf(tx: Tx, hostId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify(${HOST_CHANNEL}, CASE WHEN "hostAId" = ${hostId} THEN "hostBId" ELSE "hostAId" END)
    FROM "OverlayPair" WHERE "hostAId" = ${hostId} OR "hostBId" = ${hostId}`;
}
