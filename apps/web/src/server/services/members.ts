import type { MemberView } from "@indium/contract/api/organization-views";
import { AppError } from "@indium/contract/errors";
import { UserId } from "@indium/contract/ids";
import { Role } from "@indium/contract/states";
import { mayGrant } from "@indium/domain/policy";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { roleIn } from "./actor";
import { type Acting, auditBy } from "./audit";
import type { OrganizationScope } from "./authorize";
import { refuseOwnerless } from "./organizations";

/** The organization's own members and its provider's, each once with the role that holds here, strongest source named. */
export async function listMembers(db: Db, organization: { id: string; providerId: string | null }): Promise<MemberView[]> {
  const places = organization.providerId === null ? [organization.id] : [organization.id, organization.providerId];
  const rows = await db.grant.findMany({
    where: { organizationId: { in: places } },
    include: { user: true },
    orderBy: { createdAt: "asc" },
  });
  return [...new Set(rows.map((row) => row.userId))]
    .flatMap((userId) => {
      const grants = rows.filter((row) => row.userId === userId);
      const [first] = grants;
      const here = roleIn(
        grants.map((grant) => ({ organizationId: grant.organizationId, role: Role.parse(grant.role) })),
        organization,
      );
      if (first === undefined || here === null || first.user.disabledAt !== null) return [];
      const source = here.viaProvider ? organization.providerId : organization.id;
      const since = grants.find((grant) => grant.organizationId === source)?.createdAt ?? first.createdAt;
      return [{ userId: UserId.parse(first.userId), name: first.user.name, email: first.user.email, ...here, since }];
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

export async function updateMemberRole(
  acting: Acting,
  organization: OrganizationScope,
  input: { userId: string; role: Role },
): Promise<void> {
  await acting.db.$transaction(async (tx) => {
    const member = await lockMember(tx, organization, input.userId);
    refuseGrant(organization.role, member.role);
    refuseGrant(organization.role, input.role);
    await tx.grant.update({
      where: { userId_organizationId: { userId: input.userId, organizationId: organization.id } },
      data: { role: input.role },
    });
    await refuseOwnerless(tx, organization.id, organization.providerId);
    await auditBy(tx, acting, {
      organizationId: organization.id,
      action: "member.updateRole",
      target: { kind: "user", id: input.userId },
      detail: { from: member.role, to: input.role },
    });
    await publishMembers(tx, organization.id, input.userId);
  });
}

export async function removeMember(acting: Acting, organization: OrganizationScope, userId: string): Promise<void> {
  await acting.db.$transaction(async (tx) => {
    const member = await lockMember(tx, organization, userId);
    refuseGrant(organization.role, member.role);
    await tx.grant.delete({ where: { userId_organizationId: { userId, organizationId: organization.id } } });
    await refuseOwnerless(tx, organization.id, organization.providerId);
    await auditBy(tx, acting, {
      organizationId: organization.id,
      action: "member.remove",
      target: { kind: "user", id: userId },
      detail: { role: member.role },
    });
    await publishMembers(tx, organization.id, userId);
  });
}

/** A provider's members are members of its customers, whose open streams have to look again. */
export async function publishMembers(tx: Tx, organizationId: string, userId: string): Promise<void> {
  const customers = await tx.organization.findMany({ where: { providerId: organizationId }, select: { id: true } });
  for (const id of [organizationId, ...customers.map((customer) => customer.id)])
    await publishChange(tx, { organizationId: id, resource: "member", id: userId });
}

export function refuseGrant(granter: Role, granted: Role): void {
  if (!mayGrant(granter, granted))
    throw new AppError("forbidden", `As ${granter} you may not give or take the role ${granted}. Ask an owner.`, { field: "role" });
}

/** Changes of one organization's members come one after the other, so that two owners cannot remove each other at once. */
async function lockMember(tx: Tx, organization: OrganizationScope, userId: string): Promise<{ role: Role }> {
  await tx.$executeRaw`SELECT id FROM "Organization" WHERE id = ${organization.id} FOR UPDATE`;
  const grant = await tx.grant.findUnique({ where: { userId_organizationId: { userId, organizationId: organization.id } } });
  if (grant !== null) return { role: Role.parse(grant.role) };
  const provided =
    organization.providerId === null
      ? null
      : await tx.grant.findUnique({ where: { userId_organizationId: { userId, organizationId: organization.providerId } } });
  if (provided !== null)
    throw new AppError("precondition_failed", "This person belongs to the organization's provider. Change the role there.");
  throw new AppError("not_found", `There is no such member of ${organization.name}; somebody may have removed them.`);
}
