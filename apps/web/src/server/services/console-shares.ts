import type { ConsoleShareView, SharedConsole } from "@indium/contract/api/console-views";
import type { ConsoleKind } from "@indium/contract/console";
import { AppError } from "@indium/contract/errors";
import { InstanceId, ShareId, UserId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { SHARE_WORDS } from "@indium/contract/plain/share-words";
import { Role } from "@indium/contract/states";
import { displayedState } from "@indium/domain/displayed-state";
import { mayAct } from "@indium/domain/instance-actions";
import { roleMay } from "@indium/domain/policy";
import { paths } from "../../lib/path-builder";
import { hashToken, newToken } from "../auth/token";
import type { Db } from "../db";
import { publishChange } from "../live/publish";
import { roleIn } from "./actor";
import { type Acting, auditBy } from "./audit";
import { giveTicket } from "./consoles";
import { factsOf } from "./instances";
import type { Signer } from "./signing";

/**
 * A link to watch one instance's console without an account. Only the hash of its token is kept. It is worth what its maker may: who
 * may open that console no more, shares it no more.
 */
const MAX_OPEN_SHARES = 20;

interface Where {
  readonly organizationId: string;
  readonly instanceId: string;
}

/** Those that still open something, newest first. */
export async function listShares(db: Db, where: Where, now: Date): Promise<ConsoleShareView[]> {
  const rows = await db.consoleShare.findMany({
    where: { ...where, revokedAt: null, expiresAt: { gt: now } },
    orderBy: { createdAt: "desc" },
    take: MAX_OPEN_SHARES,
  });
  const users = await db.user.findMany({ where: { id: { in: rows.map((row) => row.createdById) } }, select: { id: true, name: true } });
  return rows.map((row) => ({
    id: ShareId.parse(row.id),
    label: row.label,
    createdBy: users.find((user) => user.id === row.createdById)?.name ?? "Somebody",
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
  }));
}

/** The link is told once. */
export async function createShare(
  acting: Acting & { readonly publicUrl: string },
  where: Where,
  input: { label: string; minutes: number },
): Promise<{ share: ConsoleShareView; link: string }> {
  const token = newToken();
  const now = acting.now();
  const id = newId("share");
  const expiresAt = new Date(now.getTime() + input.minutes * 60_000);
  await acting.db.$transaction(async (tx) => {
    const open = await tx.consoleShare.count({ where: { instanceId: where.instanceId, revokedAt: null, expiresAt: { gt: now } } });
    if (open >= MAX_OPEN_SHARES)
      throw new AppError("quota_exceeded", `This instance has ${open} open links already. Take one back before you make another.`);
    await tx.consoleShare.create({
      data: { id, ...where, tokenHash: hashToken(token), label: input.label, createdById: acting.actor.userId, createdAt: now, expiresAt },
    });
    await auditBy(tx, acting, {
      organizationId: where.organizationId,
      action: "console.createShare",
      target: { kind: "instance", id: where.instanceId },
      detail: { shareId: id, label: input.label, expiresAt: expiresAt.toISOString() },
    });
    await publishChange(tx, { organizationId: where.organizationId, resource: "console", id: where.instanceId });
  });
  const share = { id, label: input.label, createdBy: acting.actor.name, createdAt: now, expiresAt };
  return { share: { ...share, id: ShareId.parse(id) }, link: `${acting.publicUrl}${paths.share(token)}` };
}

/** @throws AppError `not_found` when it was taken back already. */
export async function revokeShare(acting: Acting, organizationId: string, shareId: string): Promise<void> {
  await acting.db.$transaction(async (tx) => {
    const row = await tx.consoleShare.findFirst({ where: { id: shareId, organizationId, revokedAt: null } });
    if (row === null) throw new AppError("not_found", "This link was taken back already.");
    await tx.consoleShare.update({ where: { id: shareId }, data: { revokedAt: acting.now() } });
    await auditBy(tx, acting, {
      organizationId,
      action: "console.revokeShare",
      target: { kind: "instance", id: row.instanceId },
      detail: { shareId },
    });
    await publishChange(tx, { organizationId, resource: "console", id: row.instanceId });
  });
}

/** What a link shows. @throws AppError `token_invalid`, `token_expired`. */
export async function lookUpShare(db: Db, token: string, now: Date): Promise<SharedConsole> {
  const { share, instance, sharedBy } = await openShare(db, token, now);
  const state = displayedState(factsOf(instance, now.getTime()));
  const verdict = mayAct(state, "openConsole");
  return {
    instanceId: InstanceId.parse(instance.id),
    instanceName: instance.name,
    sharedBy,
    state,
    refusal: verdict.allowed ? null : verdict.reason,
    expiresAt: share.expiresAt,
  };
}

/** A ticket to look, for whoever holds the link. @throws AppError as `lookUpShare` and `giveTicket` do. */
export async function openShared(
  db: Db,
  signer: Signer,
  input: { token: string; kind: ConsoleKind; publicUrl: string; remoteAddress: string | null },
  now: Date,
) {
  const { share } = await openShare(db, input.token, now);
  return giveTicket(db, signer, {
    organizationId: share.organizationId,
    instanceId: share.instanceId,
    userId: UserId.parse(share.createdById),
    share: { id: ShareId.parse(share.id), endsAt: share.expiresAt.getTime() },
    kind: input.kind,
    mode: "view",
    publicUrl: input.publicUrl,
    remoteAddress: input.remoteAddress,
    nowMs: now.getTime(),
  });
}

async function openShare(db: Db, token: string, now: Date) {
  const share = await db.consoleShare.findUnique({
    where: { tokenHash: hashToken(token) },
    include: { instance: { include: { runtime: true, host: true, organization: true } } },
  });
  if (share === null || share.revokedAt !== null || share.instance.deletedAt !== null)
    throw new AppError("token_invalid", SHARE_WORDS.linkUnknown);
  if (share.expiresAt <= now) throw new AppError("token_expired", SHARE_WORDS.linkExpired);
  const maker = await db.user.findUnique({ where: { id: share.createdById }, include: { grants: true } });
  const grants = (maker?.grants ?? []).map((grant) => ({ organizationId: grant.organizationId, role: Role.parse(grant.role) }));
  const here = maker === null || maker.disabledAt !== null ? null : roleIn(grants, share.instance.organization);
  if (maker === null || here === null || !roleMay(here.role, "instance.console"))
    throw new AppError("token_invalid", SHARE_WORDS.linkMakerMayNot);
  return { share, instance: share.instance, sharedBy: maker.name };
}
