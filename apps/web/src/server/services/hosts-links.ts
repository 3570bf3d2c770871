import { AppError } from "@indium/contract/errors";
import { HostUsage } from "@indium/contract/host";
import { HostId } from "@indium/contract/ids";
import type { internalApi } from "@indium/contract/internal-api";
import { SUPPORTED_PROTOCOL_VERSIONS } from "@indium/contract/protocol";
import type { z } from "zod";
import { type Db, isRefusedValue } from "../db";
import { publishChange, publishUsage } from "../live/publish";
import { HOST_CHANNEL } from "./host-documents";
import type { Fence } from "./reports";
import { type Signer, signRelayCertificate } from "./signing";

/**
 * Which relay holds which host, and for how long.
 *
 *   connect     linkEpoch + 1, lease begins      renew (every 5 s)   lease extended while relay and epoch still match
 *   disconnect  lease cut to a short grace       no news             the lease runs out; the reconciler tells everyone
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
  const columns = { publicKey: input.publicKey, rpcUrl: input.rpcUrl, startedAt: new Date(input.startedAt), registeredAt: new Date(nowMs) };
  await db.relay.upsert({ where: { name: input.name }, create: { name: input.name, ...columns }, update: columns });
  const certificate = { relayName: input.name, publicKey: input.publicKey, expiresAt: nowMs + RELAY_CERTIFICATE_TTL_MS };
  return { certificate: signRelayCertificate(signer, certificate), centrePublicKey: signer.publicKey };
}

/** @throws AppError `protocol_unsupported`, `not_found` for a key nobody enrolled, `host_revoked`, `precondition_failed` for an unregistered relay. */
export async function connectHost(db: Db, input: In<"connectHost">, nowMs: number): Promise<Out<"connectHost">> {
  if (!SUPPORTED_PROTOCOL_VERSIONS.includes(input.protocol))
    throw new AppError(
      "protocol_unsupported",
      `This Indium speaks protocol ${SUPPORTED_PROTOCOL_VERSIONS.join(" and ")}; the agent (${input.agentVersion}) speaks ${input.protocol}. ${input.protocol > Math.max(...SUPPORTED_PROTOCOL_VERSIONS) ? "Upgrade Indium first." : "Run the install script again on the host."}`,
    );
  const relay = await db.relay.findUnique({ where: { name: input.relayName } });
  if (relay === null) throw new AppError("precondition_failed", `Relay ${input.relayName} has not registered yet.`);
  const host = await db.host.findUnique({ where: { publicKey: input.publicKey }, select: { id: true, name: true, revokedAt: true } });
  if (host === null)
    throw new AppError("not_found", "No host with this key is enrolled here. Enrol it with a new command from the Add host page.");
  if (host.revokedAt !== null) throw new AppError("host_revoked", `Host ${host.name} was removed here. Enrol it again to use it.`);
  return db.$transaction(async (tx) => {
    const claimed = await tx.host.update({
      where: { id: host.id },
      data: {
        linkEpoch: { increment: 1 },
        relayUrl: relay.rpcUrl,
        relayName: relay.name,
        leaseExpiresAt: new Date(nowMs + LEASE_MS),
        lastSeenAt: new Date(nowMs),
        protocol: input.protocol,
        agentVersion: input.agentVersion,
      },
    });
    // The whole document is sent on every connect, wanted or not.
    await tx.$executeRaw`SELECT pg_notify(${HOST_CHANNEL}, ${host.id})`;
    await publishChange(tx, { organizationId: claimed.organizationId, resource: "host", id: host.id, parentId: null });
    return { hostId: HostId.parse(claimed.id), linkEpoch: claimed.linkEpoch };
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

/** Each host's sample by itself: what the database does not take of one must not cost the others theirs. */
export async function ingestUsage(db: Db, input: In<"ingestUsage">, relayName: string): Promise<void> {
  for (const { hostId, linkEpoch, usage } of input.samples) {
    try {
      const [host] = await db.$queryRaw<{ organizationId: string | null }[]>`
        UPDATE "Host" SET usage = ${JSON.stringify(usage)}::jsonb
        WHERE id = ${hostId} AND "linkEpoch" = ${linkEpoch} AND "relayName" = ${relayName} AND "revokedAt" IS NULL RETURNING "organizationId"`;
      if (host !== undefined) await publishUsage(db, { organizationId: host.organizationId, hostId, usage: HostUsage.parse(usage) });
    } catch (thrown) {
      if (!isRefusedValue(thrown)) throw thrown;
    }
  }
}

/** A console stream began, ended or was refused: for the audit log. */
export async function recordConsoleEvent(db: Db, input: In<"consoleEvent">): Promise<void> {
  const instance = await db.instance.findUnique({ where: { id: input.instanceId }, select: { organizationId: true } });
  if (instance === null) return;
  const issued = await db.auditEvent.findFirst({
    where: {
      action: "instance.console.ticket",
      detail: { path: ["ticketId"], equals: input.ticketId },
      organizationId: instance.organizationId,
    },
    orderBy: { id: "desc" },
    select: { actorId: true },
  });
  await db.auditEvent.create({
    data: {
      organizationId: instance.organizationId,
      actorId: issued?.actorId ?? null,
      action: `instance.console.${input.event}`,
      targetKind: "instance",
      targetId: input.instanceId,
      result: input.event === "refused" ? "denied" : "success",
      detail: { ticketId: input.ticketId, bytesOut: input.bytesOut, ...(input.reason === null ? {} : { reason: input.reason }) },
    },
  });
}
