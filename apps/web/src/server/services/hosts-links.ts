import { AppError } from "@indium/contract/errors";
import { HostId } from "@indium/contract/ids";
import type { internalApi } from "@indium/contract/internal-api";
import { SUPPORTED_PROTOCOL_VERSIONS } from "@indium/contract/protocol";
import { type ProofUse, verifyHostProof } from "@indium/tunnel/link-proof";
import type { z } from "zod";
import type { Db } from "../db";
import { publishChange } from "../live/publish";
import { forgetViewersOfRelay } from "./console-room";
import { recordForgery } from "./forgeries";
import { HOST_CHANNEL } from "./host-documents";
import { judgeLinkNonce, makeLinkNonce } from "./link-nonces";
import { registerOverlay } from "./overlay";
import type { Fence } from "./reports";
import { type Signer, signLinkClaim, signRelayCertificate } from "./signing";

/**
 * Which relay holds which host, and for how long.
 *
 *   nonce       for the present epoch; the host signs it (link-nonces)
 *   connect     the host's proof checked; linkEpoch + 1, lease begins      renew (every 5 s)   lease extended while relay and epoch still match
 *   disconnect  lease cut to a short grace       no news             the lease runs out; the reconciler tells everyone
 *   standby     the host's proof checked, of another text; nothing is written: it counts for nothing until it connects
 *
 * Invariant: only the holder of the newest epoch extends a lease or reports; whoever is told `lost` drops the link.
 */
export const LEASE_MS = 15_000;
/** After a closed link: long enough for an agent that restarts at once, short enough to be told soon. */
const DISCONNECT_GRACE_MS = 3_000;
const RELAY_CERTIFICATE_TTL_MS = 24 * 3_600_000;

type In<K extends keyof typeof internalApi> = z.infer<(typeof internalApi)[K]["input"]>;
type Out<K extends keyof typeof internalApi> = z.infer<(typeof internalApi)[K]["output"]>;

export async function registerRelay(db: Db, signer: Signer, input: In<"registerRelay">, nowMs: number): Promise<Out<"registerRelay">> {
  const { publicKey, rpcUrl, publicUrl = null } = input;
  const now = new Date(nowMs);
  const columns = {
    publicKey,
    rpcUrl,
    publicUrl,
    startedAt: new Date(input.startedAt),
    registeredAt: now,
    lastSeenAt: now,
    drainingSince: null,
  };
  await db.relay.upsert({ where: { name: input.name }, create: { name: input.name, ...columns }, update: columns });
  await forgetViewersOfRelay(db, input.name, columns.startedAt);
  const overlay = await registerOverlay(db, input.name, input.overlay);
  const certificate = { relayName: input.name, publicKey: input.publicKey, expiresAt: nowMs + RELAY_CERTIFICATE_TTL_MS };
  return {
    certificate: signRelayCertificate(signer, certificate),
    centrePublicKey: signer.publicKey,
    ...(overlay === undefined ? {} : { overlay }),
  };
}

/** For a key nobody enrolled it looks the same: who is enrolled is told to those who hold the key. */
export async function linkNonce(db: Db, signer: Signer, input: In<"linkNonce">, nowMs: number): Promise<Out<"linkNonce">> {
  const host = await db.host.findUnique({ where: { publicKey: input.publicKey }, select: { linkEpoch: true } });
  return { nonce: makeLinkNonce(signer, { ...input, linkEpoch: host?.linkEpoch ?? 0 }, nowMs) };
}

/**
 * Whose proof it is, and of which epoch: checked, nothing claimed yet.
 * @throws AppError `protocol_unsupported`, `not_found` for a key nobody enrolled, `unauthenticated` for a proof that is not the host's,
 *   `conflict` for one that is no longer good, `host_revoked`, `precondition_failed` for an unregistered relay.
 */
async function provenHost(db: Db, signer: Signer, input: In<"standbyHost">, use: ProofUse, nowMs: number) {
  if (!SUPPORTED_PROTOCOL_VERSIONS.includes(input.protocol))
    throw new AppError(
      "protocol_unsupported",
      `This Indium speaks protocol ${SUPPORTED_PROTOCOL_VERSIONS.join(" and ")}; the agent (${input.agentVersion}) speaks ${input.protocol}. ${input.protocol > Math.max(...SUPPORTED_PROTOCOL_VERSIONS) ? "Upgrade Indium first." : "Run the install script again on the host."}`,
    );
  const relay = await db.relay.findUnique({ where: { name: input.relayName } });
  if (relay === null) throw new AppError("precondition_failed", `Relay ${input.relayName} has not registered yet.`);
  const host = await db.host.findUnique({
    where: { publicKey: input.publicKey },
    select: { id: true, name: true, revokedAt: true, linkEpoch: true },
  });
  if (host === null)
    throw new AppError("not_found", "No host with this key is enrolled here. Enrol it with a new command from the Add host page.");
  if (!verifyHostProof(input, input.signature, input.publicKey, use)) {
    await recordForgery(db, host.id, relay.name, "link", nowMs);
    throw new AppError("unauthenticated", `The proof is not that of host ${host.name}.`);
  }
  const { linkEpoch } = host;
  const stale = new AppError("conflict", `Host ${host.name} has linked meanwhile, or took too long; it may try again.`);
  const verdict = judgeLinkNonce(signer, { ...input, linkEpoch }, input.nonce, nowMs);
  if (verdict === "old") await recordForgery(db, host.id, relay.name, "link", nowMs);
  if (verdict !== "good") throw stale;
  if (host.revokedAt !== null) throw new AppError("host_revoked", `Host ${host.name} was removed here. Enrol it again to use it.`);
  return { relay, host, stale };
}

/** @throws AppError as `provenHost`. */
export async function standbyHost(db: Db, signer: Signer, input: In<"standbyHost">, nowMs: number): Promise<Out<"standbyHost">> {
  const { host } = await provenHost(db, signer, input, "standby", nowMs);
  return { hostId: HostId.parse(host.id) };
}

/** @throws AppError as `provenHost`, and `conflict` when another link of the host was quicker. */
export async function connectHost(db: Db, signer: Signer, input: In<"connectHost">, nowMs: number): Promise<Out<"connectHost">> {
  const { relay, host, stale } = await provenHost(db, signer, input, "host", nowMs);
  const { linkEpoch } = host;
  return db.$transaction(async (tx) => {
    // By compare-and-set: of two proofs for one epoch the first is taken.
    const [claimed] = await tx.host.updateManyAndReturn({
      where: { id: host.id, linkEpoch, publicKey: input.publicKey, revokedAt: null },
      data: {
        linkEpoch: { increment: 1 },
        usageNumber: 0,
        relayUrl: relay.rpcUrl,
        relayName: relay.name,
        leaseExpiresAt: new Date(nowMs + LEASE_MS),
        lastSeenAt: new Date(nowMs),
        protocol: input.protocol,
        agentVersion: input.agentVersion,
      },
    });
    if (claimed === undefined) throw stale;
    // The whole document is sent on every connect, wanted or not.
    await tx.$executeRaw`SELECT pg_notify(${HOST_CHANNEL}, ${host.id})`;
    await publishChange(tx, { organizationId: claimed.organizationId, resource: "host", id: host.id, parentId: null });
    const hostId = HostId.parse(claimed.id);
    const claim = { hostId, relayName: relay.name, linkEpoch: claimed.linkEpoch, agentNonce: input.agentNonce };
    return { hostId, linkEpoch: claimed.linkEpoch, claim: signLinkClaim(signer, claim) };
  });
}

export async function disconnectHost(db: Db, fence: Fence, nowMs: number): Promise<void> {
  const grace = new Date(nowMs + DISCONNECT_GRACE_MS);
  await db.$executeRaw`UPDATE "Host" SET "leaseExpiresAt" = least("leaseExpiresAt", ${grace}::timestamp), "relayUrl" = NULL, "relayName" = NULL
    WHERE id = ${fence.hostId} AND "linkEpoch" = ${fence.linkEpoch} AND (${fence.relayName ?? null}::text IS NULL OR "relayName" = ${fence.relayName ?? null})`;
}

/** Answers which hosts this relay no longer holds, and which came back after their lease had run out. */
export async function renewLeases(db: Db, input: In<"renewLeases">, nowMs: number): Promise<Out<"renewLeases"> & { revived: string[] }> {
  const now = new Date(nowMs);
  const renewed = await db.$queryRaw<{ id: string; organizationId: string | null; revived: boolean }[]>`
    UPDATE "Host" h SET "leaseExpiresAt" = ${new Date(nowMs + LEASE_MS)}::timestamp, "lastSeenAt" = ${now}::timestamp
    FROM (SELECT o.id, o."leaseExpiresAt" FROM "Host" o
      JOIN unnest(${input.hosts.map((host) => host.hostId)}::text[], ${input.hosts.map((host) => host.linkEpoch)}::int[]) AS held(id, epoch)
        ON held.id = o.id AND held.epoch = o."linkEpoch"
      WHERE o."relayName" = ${input.relayName} AND o."revokedAt" IS NULL ORDER BY o.id FOR NO KEY UPDATE OF o) AS before
    WHERE h.id = before.id
    RETURNING h.id, h."organizationId", before."leaseExpiresAt" < ${now}::timestamp AS revived`;
  const held = new Set(renewed.map((host) => host.id));
  const revived = renewed.filter((host) => host.revived);
  for (const host of revived)
    await publishChange(db, { organizationId: host.organizationId, resource: "host", id: host.id, parentId: null });
  return { lost: input.hosts.map((host) => host.hostId).filter((id) => !held.has(id)), revived: revived.map((host) => host.id) };
}

/** Those of a relay's standbys that are hosts no more. */
export async function removedHosts(db: Db, standbys: readonly HostId[]): Promise<HostId[]> {
  if (standbys.length === 0) return [];
  const known = await db.$queryRaw<{ id: string }[]>`SELECT id FROM "Host" WHERE id = ANY(${standbys}::text[]) AND "revokedAt" IS NULL`;
  const present = new Set(known.map(({ id }) => id));
  return standbys.filter((id) => !present.has(id));
}
