import { randomBytes } from "node:crypto";
import { AppError } from "@indium/contract/errors";
import { HostId } from "@indium/contract/ids";
import type { internalApi } from "@indium/contract/internal-api";
import { OverlayOffer, OverlayPrefix, overlayAddress } from "@indium/contract/overlay";
import { openEnvelope } from "@indium/tunnel/envelope";
import type { z } from "zod";
import { type Db, isUniqueViolation, type Tx } from "../db";
import { recordForgery } from "./forgeries";
import { signalPeersOf } from "./overlay-peers";
import { type Signer, signOverlayGrant } from "./signing";

/**
 * Who is who on the WireGuard overlay. Addresses are the centre's to give, keys each side's own: a host's is taken from what it signed for its
 * present link, a relay's from its registration, and either is told to the other by the centre's word alone.
 */
type In<K extends keyof typeof internalApi> = z.infer<(typeof internalApi)[K]["input"]>;
type Out<K extends keyof typeof internalApi> = z.infer<(typeof internalApi)[K]["output"]>;

/** A relay's overlay as it registers; `undefined`: it has none (any more). */
export async function registerOverlay(
  db: Db,
  relayName: string,
  offer: In<"registerRelay">["overlay"],
): Promise<Out<"registerRelay">["overlay"]> {
  if (offer === undefined) {
    await db.relay.update({ where: { name: relayName }, data: { overlayKey: null, overlayEndpoint: null } });
    return undefined;
  }
  return db.$transaction(async (tx) => {
    const prefix = await overlayPrefix(tx);
    const known = await tx.relay.findUniqueOrThrow({ where: { name: relayName }, select: { overlayIndex: true } });
    const overlayIndex = known.overlayIndex ?? (await nextIndex(tx));
    await tx.relay.update({
      where: { name: relayName },
      data: { overlayIndex, overlayKey: offer.publicKey, overlayEndpoint: offer.endpoint },
    });
    return { prefix, address: overlayAddress(prefix, "relay", overlayIndex) };
  });
}

/**
 * A host's WireGuard key, as it signed it for the link it has at this relay.
 * @throws AppError `signature_invalid` for what the host did not sign (its page says so), `conflict` for another link or another host's key,
 *   `action_denied` for the relay's own machine, `unsupported` for a relay without an overlay.
 */
export async function joinOverlay(
  db: Db,
  signer: Signer,
  input: In<"joinOverlay">,
  relayName: string,
  nowMs: number,
): Promise<Out<"joinOverlay">> {
  const { hostId, linkEpoch } = input;
  const host = await db.host.findFirst({
    where: { id: hostId, linkEpoch, relayName, revokedAt: null },
    select: { name: true, publicKey: true, local: true },
  });
  if (host === null) throw new AppError("conflict", "The host has no such link at this relay (any more).");
  const relay = await db.relay.findUniqueOrThrow({ where: { name: relayName } });
  const { overlayKey, overlayEndpoint, overlayIndex } = relay;
  if (overlayKey === null || overlayEndpoint === null || overlayIndex === null)
    throw new AppError("unsupported", `Relay ${relayName} has no overlay.`);
  const offer = openOffer(input, host.publicKey);
  if (offer === null) {
    await recordForgery(db, hostId, relayName, "overlay", nowMs);
    throw new AppError("signature_invalid", `The offer is not that of host ${host.name}.`);
  }
  if (host.local && isLoopback(relay.rpcUrl))
    throw new AppError("action_denied", "The host and its relay are one machine: there is nothing to be tunnelled.");
  const { prefix, index } = await takeKey(db, hostId, linkEpoch, offer.publicKey);
  const address = overlayAddress(prefix, "host", index);
  const grant = signOverlayGrant(signer, {
    ...{ hostId: HostId.parse(hostId), linkEpoch, relayName, publicKey: offer.publicKey, address, prefix },
    relay: { publicKey: overlayKey, address: overlayAddress(prefix, "relay", overlayIndex), endpoint: overlayEndpoint },
  });
  return { publicKey: offer.publicKey, address, grant };
}

/** Of hosts that have an address; the others cannot be reached by it. */
export async function overlayPairs(db: Db): Promise<Out<"overlayPairs">> {
  return db.$transaction(
    async (tx) => {
      const { overlayRevision: revision, overlayPrefix: prefix } = await tx.installation.findUniqueOrThrow({ where: { id: 1 } });
      const known = OverlayPrefix.safeParse(prefix);
      if (!known.success) return { revision, pairs: [] };
      const address = (index: number | null) => overlayAddress(known.data, "host", index ?? 0);
      const live = { revokedAt: null, overlayIndex: { not: null } };
      const pairs = await tx.overlayPair.findMany({
        where: { hostA: live, hostB: live },
        select: { hostA: { select: { overlayIndex: true } }, hostB: { select: { overlayIndex: true } } },
      });
      return { revision, pairs: pairs.map(({ hostA, hostB }) => [address(hostA.overlayIndex), address(hostB.overlayIndex)]) };
    },
    // Revision and pairs of one moment: a relay that takes the one for the other's would miss a change.
    { isolationLevel: "RepeatableRead" },
  );
}

export async function overlayRevision(db: Db): Promise<number> {
  return (await db.installation.findUniqueOrThrow({ where: { id: 1 }, select: { overlayRevision: true } })).overlayRevision;
}

/** Relays see it at their next renewal of leases and ask for the pairs. */
export async function raiseOverlayRevision(tx: Tx): Promise<void> {
  await tx.installation.update({ where: { id: 1 }, data: { overlayRevision: { increment: 1 } } });
}

function openOffer({ hostId, linkEpoch, offer }: In<"joinOverlay">, publicKey: string): OverlayOffer | null {
  try {
    const opened = openEnvelope(offer, { purpose: "overlay-offer", publicKeys: [publicKey], schema: OverlayOffer });
    return opened.hostId === hostId && opened.linkEpoch === linkEpoch ? opened : null;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "bad_request") throw thrown;
    return null;
  }
}

async function takeKey(db: Db, hostId: string, linkEpoch: number, overlayKey: string): Promise<{ prefix: OverlayPrefix; index: number }> {
  try {
    return await db.$transaction(async (tx) => {
      const prefix = await overlayPrefix(tx);
      const known = await tx.host.findUniqueOrThrow({ where: { id: hostId }, select: { overlayIndex: true, overlayKey: true } });
      const index = known.overlayIndex ?? (await nextIndex(tx));
      const { count } = await tx.host.updateMany({
        where: { id: hostId, linkEpoch, revokedAt: null },
        data: { overlayIndex: index, overlayKey },
      });
      if (count === 0) throw new AppError("conflict", "The host has linked anew meanwhile.");
      // A pair that was allowed before this host had an address.
      const pairs =
        known.overlayIndex === null ? await tx.overlayPair.count({ where: { OR: [{ hostAId: hostId }, { hostBId: hostId }] } }) : 0;
      if (pairs > 0) await raiseOverlayRevision(tx);
      if (known.overlayKey !== overlayKey || known.overlayIndex !== index) await signalPeersOf(tx, hostId);
      return { prefix, index };
    });
  } catch (thrown) {
    if (!isUniqueViolation(thrown)) throw thrown;
    throw new AppError(
      "conflict",
      "Another host has this WireGuard key. Delete keys/overlay.key and .pub in the agent's state folder and restart the agent.",
    );
  }
}

/** Chosen once, at random (RFC 4193 section 3.2.1): two installations' overlays then do not meet. */
async function overlayPrefix(tx: Tx): Promise<OverlayPrefix> {
  const bytes = randomBytes(5);
  const group = (at: number) => bytes.readUInt16BE(at).toString(16);
  const fresh = `fd${bytes.subarray(0, 1).toString("hex")}:${group(1)}:${group(3)}`;
  await tx.installation.updateMany({ where: { id: 1, overlayPrefix: null }, data: { overlayPrefix: fresh } });
  return OverlayPrefix.parse((await tx.installation.findUniqueOrThrow({ where: { id: 1 } })).overlayPrefix);
}

async function nextIndex(tx: Tx): Promise<number> {
  const { overlayLastIndex } = await tx.installation.update({
    where: { id: 1 },
    data: { overlayLastIndex: { increment: 1 } },
    select: { overlayLastIndex: true },
  });
  return overlayLastIndex;
}

const isLoopback = (url: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
