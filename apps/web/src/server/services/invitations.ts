import type { InvitationView } from "@indium/contract/api/organization-views";
import { AppError } from "@indium/contract/errors";
import { InvitationId, OrganizationId, type UserId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { Role } from "@indium/contract/states";
import { mayGrant, strongerRole } from "@indium/domain/policy";
import type { Prisma } from "../../generated/prisma/client";
import { paths } from "../../lib/path-builder";
import { hashToken, newToken } from "../auth/token";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { type Actor, roleIn } from "./actor";
import { type Acting, audit, auditBy } from "./audit";
import type { OrganizationScope } from "./authorize";
import { publishMembers, refuseGrant } from "./members";
import { createUser, type NewAccount } from "./users";

const LIFETIME_MS = 7 * 24 * 3600_000;

type Row = Prisma.InvitationGetPayload<Record<string, never>>;

function viewOf(row: Row): InvitationView {
  return {
    id: InvitationId.parse(row.id),
    email: row.email,
    role: Role.parse(row.role),
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    acceptedAt: row.acceptedAt,
  };
}

/** Newest first; those long over are left out. */
export async function listInvitations(db: Db, organizationId: string, now: Date): Promise<InvitationView[]> {
  const rows = await db.invitation.findMany({
    where: { organizationId, expiresAt: { gt: new Date(now.getTime() - LIFETIME_MS) } },
    orderBy: { createdAt: "desc" },
    take: 200,
  });
  return rows.map(viewOf);
}

/** The link is told once; only the hash of its token is kept. */
export async function createInvitation(
  acting: Acting & { readonly publicUrl: string },
  organization: OrganizationScope,
  input: { role: Role; email: string | null },
): Promise<{ invitation: InvitationView; link: string }> {
  refuseGrant(organization.role, input.role);
  const token = newToken();
  const now = acting.now();
  const row = await acting.db.$transaction(async (tx) => {
    const created = await tx.invitation.create({
      data: {
        id: newId("invitation"),
        organizationId: organization.id,
        role: input.role,
        email: input.email,
        tokenHash: hashToken(token),
        createdById: acting.actor.userId,
        createdAt: now,
        expiresAt: new Date(now.getTime() + LIFETIME_MS),
      },
    });
    await auditBy(tx, acting, {
      organizationId: organization.id,
      action: "invitation.create",
      target: { kind: "invitation", id: created.id },
      detail: { role: input.role, email: input.email },
    });
    await publishChange(tx, { organizationId: organization.id, resource: "invitation", id: created.id });
    return created;
  });
  return { invitation: viewOf(row), link: `${acting.publicUrl}${paths.invite(token)}` };
}

export async function revokeInvitation(acting: Acting, organization: OrganizationScope, invitationId: string): Promise<void> {
  await acting.db.$transaction(async (tx) => {
    const deleted = await tx.invitation.deleteMany({ where: { id: invitationId, organizationId: organization.id, acceptedAt: null } });
    if (deleted.count === 0) throw new AppError("precondition_failed", "This invitation was accepted already. Remove the member instead.");
    await auditBy(tx, acting, {
      organizationId: organization.id,
      action: "invitation.revoke",
      target: { kind: "invitation", id: invitationId },
    });
    await publishChange(tx, { organizationId: organization.id, resource: "invitation", id: invitationId });
  });
}

export interface InvitationOffer {
  readonly organizationName: string;
  readonly role: Role;
  readonly email: string | null;
  readonly expiresAt: Date;
}

/** What an invited person sees before they accept. @throws AppError `token_invalid`, `token_used`, `token_expired`. */
export async function lookUpInvitation(db: Db, token: string, now: Date): Promise<InvitationOffer> {
  const row = await openInvitation(db, token, now);
  return { organizationName: row.organization.name, role: Role.parse(row.role), email: row.email, expiresAt: row.expiresAt };
}

/**
 * Gives the invitation's role to the one who is signed in, or to a new account. Once.
 * @throws AppError `token_*`; `forbidden` when it was meant for another address; `already_exists` (field `email`).
 */
export async function acceptInvitation(
  db: Db,
  input: { token: string; account: NewAccount | null; actor: Actor | null },
  from: { remoteAddress: string | null; now: Date },
): Promise<{ organizationId: OrganizationId; email: string }> {
  if (input.account === null && input.actor === null)
    throw new AppError("unauthenticated", "Sign in first, or make an account to accept the invitation with.");
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT id FROM "Invitation" WHERE "tokenHash" = ${hashToken(input.token)} FOR UPDATE`;
    const row = await openInvitation(tx, input.token, from.now);
    await refuseUnbacked(tx, row);
    const email = input.account?.email ?? input.actor?.email ?? "";
    if (row.email !== null && row.email !== email)
      throw new AppError("forbidden", `This invitation is for ${row.email}. Accept it with that address, or ask for another one.`, {
        field: "email",
      });
    const userId =
      input.account === null ? (input.actor?.userId as UserId) : await createUser(tx, input.account, { installationAdmin: false });
    const role = Role.parse(row.role);
    const key = { userId_organizationId: { userId, organizationId: row.organizationId } };
    const before = await tx.grant.findUnique({ where: key });
    const stronger = before === null ? role : strongerRole(Role.parse(before.role), role);
    await tx.grant.upsert({
      where: key,
      create: { userId, organizationId: row.organizationId, role },
      update: { role: stronger },
    });
    await tx.invitation.update({ where: { id: row.id }, data: { acceptedAt: from.now, acceptedById: userId } });
    await audit(
      tx,
      { actorId: userId, remoteAddress: from.remoteAddress, at: from.now },
      {
        organizationId: row.organizationId,
        action: "invitation.accept",
        target: { kind: "invitation", id: row.id },
        detail: { role: stronger },
      },
    );
    await publishChange(tx, { organizationId: row.organizationId, resource: "invitation", id: row.id });
    await publishMembers(tx, row.organizationId, userId);
    return { organizationId: OrganizationId.parse(row.organizationId), email };
  });
}

async function openInvitation(db: Db | Tx, token: string, now: Date) {
  const row = await db.invitation.findUnique({
    where: { tokenHash: hashToken(token) },
    include: { organization: { select: { id: true, name: true, providerId: true } } },
  });
  if (row === null) throw new AppError("token_invalid", "This invitation does not exist, or was taken back. Ask for a new link.");
  if (row.acceptedAt !== null) throw new AppError("token_used", "This invitation was accepted already. Sign in, or ask for a new link.");
  if (row.expiresAt <= now)
    throw new AppError("token_expired", "This invitation is more than a week old and has expired. Ask for a new link.");
  return row;
}

/** Who invited must still be able to: an administrator removed yesterday lets nobody in today. */
async function refuseUnbacked(tx: Tx, row: Awaited<ReturnType<typeof openInvitation>>): Promise<void> {
  const inviter = await tx.user.findUnique({ where: { id: row.createdById }, include: { grants: true } });
  const grants = (inviter?.grants ?? []).map((grant) => ({ organizationId: grant.organizationId, role: Role.parse(grant.role) }));
  const here = inviter === null || inviter.disabledAt !== null ? null : roleIn(grants, row.organization);
  if (here === null || !mayGrant(here.role, Role.parse(row.role)))
    throw new AppError("token_invalid", "Whoever sent this invitation may no longer invite. Ask for a new link.");
}
