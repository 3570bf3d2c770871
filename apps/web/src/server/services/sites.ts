import type { SiteView } from "@indium/contract/api/organization-views";
import { AppError } from "@indium/contract/errors";
import { OrganizationId, SiteId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { type Db, isUniqueViolation } from "../db";
import { publishChange } from "../live/publish";
import { type Acting, auditBy } from "./audit";

export async function listSites(db: Db, organizationId: string): Promise<SiteView[]> {
  const rows = await db.site.findMany({
    where: { organizationId },
    include: { hosts: { where: { revokedAt: null }, select: { _count: { select: { instances: { where: { deletedAt: null } } } } } } },
    orderBy: { name: "asc" },
  });
  return rows.map((row) => ({
    id: SiteId.parse(row.id),
    organizationId: OrganizationId.parse(row.organizationId),
    name: row.name,
    hostCount: row.hosts.length,
    instanceCount: row.hosts.reduce((sum, host) => sum + host._count.instances, 0),
  }));
}

export async function createSite(acting: Acting, organizationId: string, input: { name: string }): Promise<SiteView> {
  const id = newId("site");
  await naming(input.name, () =>
    acting.db.$transaction(async (tx) => {
      await tx.site.create({ data: { id, organizationId, name: input.name } });
      await auditBy(tx, acting, { organizationId, action: "site.create", target: { kind: "site", id }, detail: { name: input.name } });
      await publishChange(tx, { organizationId, resource: "site", id });
    }),
  );
  return { id: SiteId.parse(id), organizationId: OrganizationId.parse(organizationId), name: input.name, hostCount: 0, instanceCount: 0 };
}

export async function updateSite(acting: Acting, organizationId: string, input: { siteId: string; name: string }): Promise<void> {
  await naming(input.name, () =>
    acting.db.$transaction(async (tx) => {
      await tx.site.update({ where: { id: input.siteId }, data: { name: input.name } });
      await auditBy(tx, acting, {
        organizationId,
        action: "site.update",
        target: { kind: "site", id: input.siteId },
        detail: { name: input.name },
      });
      await publishChange(tx, { organizationId, resource: "site", id: input.siteId });
    }),
  );
}

/** @throws AppError `precondition_failed` while hosts stand there. */
export async function deleteSite(acting: Acting, organizationId: string, siteId: string): Promise<void> {
  await acting.db.$transaction(async (tx) => {
    // An enrolment that is about to put a host here waits for this lock, or this waits for it.
    await tx.$executeRaw`SELECT id FROM "Site" WHERE id = ${siteId} FOR UPDATE`;
    const hosts = await tx.host.findMany({ where: { siteId, revokedAt: null }, select: { name: true }, orderBy: { name: "asc" }, take: 3 });
    if (hosts.length > 0)
      throw new AppError(
        "precondition_failed",
        `Hosts still stand at this site (${hosts.map((host) => host.name).join(", ")}). Remove them first.`,
      );
    await tx.host.updateMany({ where: { siteId }, data: { siteId: null } });
    await tx.site.delete({ where: { id: siteId } });
    await auditBy(tx, acting, { organizationId, action: "site.delete", target: { kind: "site", id: siteId } });
    await publishChange(tx, { organizationId, resource: "site", id: siteId });
  });
}

async function naming(name: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (thrown) {
    if (isUniqueViolation(thrown))
      throw new AppError("already_exists", `There is a site named ${name} already. Choose another name.`, { field: "name" });
    throw thrown;
  }
}
