import { createHash, randomBytes } from "node:crypto";
import type { EnrolmentView } from "@indium/contract/api/host-views";
import { EnrolmentView as EnrolmentViewSchema } from "@indium/contract/api/host-views";
import type { EnrolRequest } from "@indium/contract/enrolment";
import { AppError } from "@indium/contract/errors";
import type { HostId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { SUPPORTED_PROTOCOL_VERSIONS } from "@indium/contract/protocol";
import { verifyText } from "@indium/tunnel/keys";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { audit } from "./audit";
import { touchHost } from "./host-documents";

/** Time to walk to the machine; a new one is a click away. */
export const ENROLMENT_TTL_MS = 2 * 3_600_000;

export const enrolmentTokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");

export interface NewEnrolment {
  /** Null for this machine's own, made before any organization exists. */
  readonly organizationId: string | null;
  readonly siteId: string | null;
  readonly local: boolean;
  readonly createdById: string | null;
  /** From where it was asked for. */
  readonly remoteAddress?: string | null;
}

/** The token is answered once and kept only as its hash. */
export async function createEnrolment(db: Db, enrolment: NewEnrolment, nowMs: number): Promise<{ id: string; token: string }> {
  const token = `indium-enrol-${randomBytes(32).toString("hex")}`;
  const id = newId("enrolment");
  const { remoteAddress = null, ...columns } = enrolment;
  await db.$transaction(async (tx) => {
    await tx.enrolment.create({
      data: {
        id,
        ...columns,
        tokenHash: enrolmentTokenHash(token),
        createdAt: new Date(nowMs),
        expiresAt: new Date(nowMs + ENROLMENT_TTL_MS),
      },
    });
    if (enrolment.organizationId === null) return;
    const who = { actorId: enrolment.createdById, remoteAddress, at: new Date(nowMs) };
    await auditEnrolment(tx, "enrolment.create", enrolment.organizationId, who, id);
    await publishChange(tx, { organizationId: enrolment.organizationId, resource: "enrolment", id });
  });
  return { id, token };
}

/** Those that may still be used, and those used lately; newest first. */
export async function listEnrolments(db: Db, organizationId: string): Promise<EnrolmentView[]> {
  const rows = await db.enrolment.findMany({ where: { organizationId, siteId: { not: null } }, orderBy: { createdAt: "desc" }, take: 100 });
  return rows.map((row) => EnrolmentViewSchema.parse(row));
}

export async function getEnrolment(db: Db, organizationId: string, id: string): Promise<EnrolmentView> {
  const row = await db.enrolment.findFirst({ where: { id, organizationId } });
  if (row === null) throw new AppError("not_found", "This enrolment does not exist, or was revoked.");
  return EnrolmentViewSchema.parse(row);
}

/** @throws AppError `conflict` when a host has used it already. */
export async function revokeEnrolment(
  db: Db,
  organizationId: string,
  id: string,
  actorId: string,
  nowMs: number,
  remoteAddress: string | null = null,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.enrolment.deleteMany({ where: { id, organizationId, usedAt: null } });
    if (count === 0) throw new AppError("conflict", "A host has used this enrolment already. Remove the host instead.");
    await auditEnrolment(tx, "enrolment.revoke", organizationId, { actorId, remoteAddress, at: new Date(nowMs) }, id);
    await publishChange(tx, { organizationId, resource: "enrolment", id });
  });
}

/**
 * A machine joins: the token says where, the signature that it holds the key it names. The token is spent in the same transaction.
 * @throws AppError `token_invalid`, `token_used`, `token_expired`, `signature_invalid`, `protocol_unsupported`, `conflict` for
 *   a machine that is enrolled already.
 */
export async function enrolHost(db: Db, request: EnrolRequest, nowMs: number, remoteAddress: string | null = null): Promise<HostId> {
  if (!SUPPORTED_PROTOCOL_VERSIONS.includes(request.protocol))
    throw new AppError(
      "protocol_unsupported",
      "This agent speaks a protocol that this Indium does not. Copy the command from the Add host page again.",
    );
  const signed = `indium:enrol\n${request.token}\n${request.publicKey}\n${request.sealingKey}`;
  if (!verifyText(signed, request.signature, request.publicKey))
    throw new AppError("signature_invalid", "The enrolment is not signed by the key it names. Run the install command again.");
  return db.$transaction(async (tx) => {
    const [enrolment] = await tx.$queryRaw<
      {
        id: string;
        organizationId: string | null;
        siteId: string | null;
        local: boolean;
        usedAt: Date | null;
        expiresAt: Date;
        createdById: string | null;
      }[]
    >`SELECT * FROM "Enrolment" WHERE "tokenHash" = ${enrolmentTokenHash(request.token)} FOR UPDATE`;
    if (enrolment === undefined)
      throw new AppError(
        "token_invalid",
        "This enrolment token is not known here; it may have been revoked. Copy a new command from the Add host page.",
      );
    if (enrolment.usedAt !== null)
      throw new AppError(
        "token_used",
        "This enrolment token was used already. Each is good for one host: copy a new command from the Add host page.",
      );
    if (enrolment.expiresAt.getTime() <= nowMs)
      throw new AppError("token_expired", "This enrolment token has expired. Copy a new command from the Add host page.");
    await refuseEnrolledTwice(tx, request.publicKey);
    const hostId = newId("host");
    await tx.host.create({
      data: {
        id: hostId,
        organizationId: enrolment.organizationId,
        siteId: enrolment.siteId,
        name: await freeName(tx, enrolment.organizationId, request.facts.hostname),
        publicKey: request.publicKey,
        sealingKey: request.sealingKey,
        local: enrolment.local,
        simulated: request.facts.driver === "simulated",
        facts: request.facts,
        factsAt: new Date(nowMs),
        agentVersion: request.facts.agentVersion,
        protocol: request.protocol,
        enrolledAt: new Date(nowMs),
      },
    });
    await tx.enrolment.update({ where: { id: enrolment.id }, data: { usedAt: new Date(nowMs), hostId } });
    await touchHost(tx, hostId);
    if (enrolment.organizationId !== null)
      await auditEnrolment(
        tx,
        "host.enrol",
        enrolment.organizationId,
        { actorId: enrolment.createdById, remoteAddress, at: new Date(nowMs) },
        hostId,
      );
    await publishChange(tx, { organizationId: enrolment.organizationId, resource: "enrolment", id: enrolment.id });
    await publishChange(tx, { organizationId: enrolment.organizationId, resource: "host", id: hostId });
    return hostId;
  });
}

async function refuseEnrolledTwice(tx: Tx, publicKey: string): Promise<void> {
  const known = await tx.host.findUnique({ where: { publicKey }, select: { id: true, name: true, revokedAt: true } });
  if (known === null) return;
  if (known.revokedAt === null)
    throw new AppError(
      "conflict",
      `This machine is enrolled already, as host ${known.name}. To upgrade its agent, run the install script again without a token; to enrol it anew, remove the host first.`,
    );
  // Removed and coming back: the old record keeps its history and gives up the key.
  await tx.host.update({ where: { id: known.id }, data: { publicKey: `${publicKey} (until it was removed, ${known.id})` } });
}

/** The machine's own short name, numbered when another host has it. */
async function freeName(tx: Tx, organizationId: string | null, hostname: string): Promise<string> {
  const base = (hostname.split(".")[0] ?? "").slice(0, 60) || "host";
  const taken = new Set(
    (await tx.host.findMany({ where: { organizationId, revokedAt: null, name: { startsWith: base } }, select: { name: true } })).map(
      (row) => row.name,
    ),
  );
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}-${number}`)) number++;
  return `${base}-${number}`;
}

async function auditEnrolment(
  tx: Tx,
  action: "enrolment.create" | "enrolment.revoke" | "host.enrol",
  organizationId: string,
  who: { readonly actorId: string | null; readonly remoteAddress: string | null; readonly at: Date },
  targetId: string,
): Promise<void> {
  await audit(tx, who, { organizationId, action, target: { kind: action === "host.enrol" ? "host" : "enrolment", id: targetId } });
}
