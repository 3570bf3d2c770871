import type { OrganizationView, SessionView } from "@indium/contract/api/organization-views";
import { AppError } from "@indium/contract/errors";
import { OrganizationId, UserId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { PlacementStrategy } from "@indium/contract/states";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { type Actor, roleIn } from "./actor";
import { type Acting, auditBy } from "./audit";
import { createDefaultGroup } from "./security-groups";

/** Every organization the actor has a role in, directly or through a provider, by name. */
export async function listOrganizations(db: Db, actor: Actor): Promise<OrganizationView[]> {
  const granted = actor.grants.map((grant) => grant.organizationId);
  const rows = await db.organization.findMany({
    where: { OR: [{ id: { in: granted } }, { providerId: { in: granted } }] },
    include: { provider: { select: { name: true } } },
    orderBy: { name: "asc" },
  });
  return rows.flatMap((row) => {
    const here = roleIn(actor.grants, row);
    if (here === null) return [];
    return [
      {
        id: OrganizationId.parse(row.id),
        name: row.name,
        providerId: row.providerId === null ? null : OrganizationId.parse(row.providerId),
        providerName: row.provider?.name ?? null,
        isProvider: row.isProvider,
        placement: PlacementStrategy.parse(row.placementStrategy),
        ...here,
      },
    ];
  });
}

export async function sessionOf(db: Db, actor: Actor): Promise<SessionView> {
  const { userId: id, name, email, installationAdmin } = actor;
  return { user: { id, name, email, installationAdmin }, organizations: await listOrganizations(db, actor) };
}

export interface OrganizationSummary {
  readonly id: OrganizationId;
  readonly name: string;
  readonly providerId: OrganizationId | null;
  readonly providerName: string | null;
  readonly isProvider: boolean;
  readonly memberCount: number;
  readonly hostCount: number;
  readonly instanceCount: number;
  readonly createdAt: Date;
}

/** All of the installation, for its administrators. */
export async function listAllOrganizations(db: Db): Promise<OrganizationSummary[]> {
  const rows = await db.organization.findMany({
    include: {
      provider: { select: { name: true } },
      _count: { select: { grants: true, hosts: { where: { revokedAt: null } }, instances: { where: { deletedAt: null } } } },
    },
    orderBy: { name: "asc" },
  });
  return rows.map((row) => ({
    id: OrganizationId.parse(row.id),
    name: row.name,
    providerId: row.providerId === null ? null : OrganizationId.parse(row.providerId),
    providerName: row.provider?.name ?? null,
    isProvider: row.isProvider,
    memberCount: row._count.grants,
    hostCount: row._count.hosts,
    instanceCount: row._count.instances,
    createdAt: row.createdAt,
  }));
}

export interface NewOrganization {
  readonly name: string;
  readonly siteName: string;
  readonly providerId: string | null;
  readonly isProvider: boolean;
}

/** The organization with its first site; who creates it owns it, unless their provider role reaches it already. */
export async function createOrganization(acting: Acting, input: NewOrganization): Promise<OrganizationId> {
  if (input.isProvider && input.providerId !== null)
    throw new AppError("bad_request", "A provider cannot itself be managed by a provider.", { field: "isProvider" });
  return acting.db.$transaction(async (tx) => {
    await refuseTakenName(tx, input.name);
    if (input.providerId !== null) {
      const provider = await tx.organization.findUnique({ where: { id: input.providerId } });
      if (provider === null || !provider.isProvider)
        throw new AppError("bad_request", "The managing organization has to be a provider.", { field: "providerId" });
    }
    const id = newId("organization");
    await tx.organization.create({
      data: { id, name: input.name, providerId: input.providerId, isProvider: input.isProvider },
    });
    await createDefaultGroup(tx, id);
    await tx.site.create({ data: { id: newId("site"), organizationId: id, name: input.siteName } });
    if (roleIn(acting.actor.grants, { id, providerId: input.providerId }) === null)
      await tx.grant.create({ data: { userId: acting.actor.userId, organizationId: id, role: "owner" } });
    await auditBy(tx, acting, {
      organizationId: id,
      action: "organization.create",
      target: { kind: "organization", id },
      detail: { name: input.name, providerId: input.providerId, isProvider: input.isProvider },
    });
    return OrganizationId.parse(id);
  });
}

export interface OrganizationChange {
  readonly name?: string | undefined;
  readonly placement?: PlacementStrategy | undefined;
}

/** What is left out stays. @throws AppError `already_exists` (field `name`). */
export async function updateOrganization(acting: Acting, organizationId: OrganizationId, input: OrganizationChange): Promise<void> {
  const { name, placement } = input;
  await acting.db.$transaction(async (tx) => {
    if (name !== undefined) await refuseTakenName(tx, name, organizationId);
    const data = { ...(name === undefined ? {} : { name }), ...(placement === undefined ? {} : { placementStrategy: placement }) };
    await tx.organization.update({ where: { id: organizationId }, data });
    await auditBy(tx, acting, {
      organizationId,
      action: "organization.update",
      target: { kind: "organization", id: organizationId },
      detail: { ...(name === undefined ? {} : { name }), ...(placement === undefined ? {} : { placement }) },
    });
    await publishChange(tx, { organizationId, resource: "organization", id: organizationId });
  });
}

/**
 * For installation administrators: who manages whom. Customers must be let go before a provider stops being one.
 * @returns the people of the provider that manages it no more.
 */
export async function updateProvider(
  acting: Acting,
  organizationId: string,
  input: { isProvider: boolean; providerId: string | null },
): Promise<UserId[]> {
  if (input.isProvider && input.providerId !== null)
    throw new AppError("bad_request", "A provider cannot itself be managed by a provider.", { field: "isProvider" });
  return acting.db.$transaction(async (tx) => {
    // Two changes at once could make a provider of a managed organization: one after the other.
    await tx.$executeRaw`SELECT id FROM "Organization" ORDER BY id FOR UPDATE`;
    const organization = await tx.organization.findUnique({
      where: { id: organizationId },
      include: { _count: { select: { customers: true } } },
    });
    if (organization === null) throw new AppError("not_found", "There is no such organization.");
    if (!input.isProvider && organization._count.customers > 0)
      throw new AppError(
        "precondition_failed",
        `${organization.name} still manages ${organization._count.customers} organizations. Give them another provider first.`,
        {
          field: "isProvider",
        },
      );
    if (input.providerId !== null) {
      const provider = await tx.organization.findUnique({ where: { id: input.providerId } });
      if (provider === null || !provider.isProvider || provider.id === organizationId)
        throw new AppError("bad_request", "The managing organization has to be another one that is a provider.", { field: "providerId" });
    }
    await refuseOwnerless(tx, organizationId, input.providerId);
    await tx.organization.update({ where: { id: organizationId }, data: { isProvider: input.isProvider, providerId: input.providerId } });
    await auditBy(tx, acting, {
      organizationId,
      action: "organization.updateProvider",
      target: { kind: "organization", id: organizationId },
      detail: { isProvider: input.isProvider, providerId: input.providerId },
    });
    await publishChange(tx, { organizationId, resource: "organization", id: organizationId });
    await publishChange(tx, { organizationId, resource: "member", id: organizationId });
    if (organization.providerId === null || organization.providerId === input.providerId) return [];
    const before = await tx.grant.findMany({ where: { organizationId: organization.providerId }, select: { userId: true } });
    return before.map((grant) => UserId.parse(grant.userId));
  });
}

/** Nobody could manage it any more: refused. The organization's row is locked by the caller. */
export async function refuseOwnerless(tx: Tx, organizationId: string, providerId: string | null): Promise<void> {
  const owners = await tx.grant.count({
    where: {
      role: "owner",
      organizationId: { in: providerId === null ? [organizationId] : [organizationId, providerId] },
      user: { disabledAt: null },
    },
  });
  if (owners === 0)
    throw new AppError("precondition_failed", "An organization keeps at least one owner. Make somebody else an owner first.");
}

async function refuseTakenName(tx: Tx, name: string, exceptId?: string): Promise<void> {
  const other = await tx.organization.findUnique({ where: { name }, select: { id: true } });
  if (other !== null && other.id !== exceptId)
    throw new AppError("already_exists", `There is an organization named ${name} already. Choose another name.`, { field: "name" });
}
