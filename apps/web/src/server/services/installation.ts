import type { SetupInput } from "@indium/contract/api/organization-views";
import { AppError } from "@indium/contract/errors";
import { OrganizationId, SiteId, type UserId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import type { z } from "zod";
import { paths } from "../../lib/path-builder";
import { hashToken, newToken } from "../auth/token";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { audit } from "./audit";
import { touchHost } from "./host-documents";
import { createDefaultGroup } from "./security-groups";
import { createUser } from "./users";

export async function isSetUp(db: Db): Promise<boolean> {
  return (await db.installation.findUniqueOrThrow({ where: { id: 1 } })).setUpAt !== null;
}

/** A fresh one-time link; the one before stops working. `needed: false` once somebody has set up. */
export async function createSetupLink(db: Db, publicUrl: string): Promise<{ needed: true; url: string } | { needed: false }> {
  const token = newToken();
  const written = await db.installation.updateMany({ where: { id: 1, setUpAt: null }, data: { setupTokenHash: hashToken(token) } });
  return written.count === 0 ? { needed: false } : { needed: true, url: `${publicUrl}${paths.setup()}?token=${token}` };
}

/** @throws AppError `token_invalid`, `token_used` with what to do. */
export async function checkSetupToken(db: Db | Tx, token: string): Promise<void> {
  const installation = await db.installation.findUniqueOrThrow({ where: { id: 1 } });
  if (installation.setUpAt !== null) throw new AppError("token_used", "This Indium is set up already. Sign in with the account made then.");
  if (installation.setupTokenHash === null || installation.setupTokenHash !== hashToken(token))
    throw new AppError("token_invalid", "This set-up link is not the newest one. Use the link that the last npm start printed.");
}

/**
 * The first account, its organization and site; machines that enrolled before become theirs. All of it or nothing, once.
 * @throws AppError `token_invalid`, `token_used`, `already_exists`.
 */
export async function completeSetup(
  db: Db,
  input: z.output<typeof SetupInput>,
  from: { remoteAddress: string | null; now: Date },
): Promise<{ userId: UserId; organizationId: OrganizationId; siteId: SiteId; claimedHosts: number }> {
  return db.$transaction(async (tx) => {
    // Two browsers with the same link: the second waits here, and then finds it used.
    await tx.$executeRaw`SELECT id FROM "Installation" FOR UPDATE`;
    await checkSetupToken(tx, input.token);
    const userId = await createUser(tx, { name: input.name, email: input.email, password: input.password }, { installationAdmin: true });
    const organizationId = newId("organization");
    const siteId = newId("site");
    await tx.organization.create({ data: { id: organizationId, name: input.organizationName } });
    await createDefaultGroup(tx, organizationId);
    await tx.site.create({ data: { id: siteId, organizationId, name: input.siteName } });
    await tx.grant.create({ data: { userId, organizationId, role: "owner" } });
    const claimedHosts = await claimHosts(tx, organizationId, siteId);
    await tx.installation.update({ where: { id: 1 }, data: { setUpAt: from.now, setupTokenHash: null } });
    await audit(
      tx,
      { actorId: userId, remoteAddress: from.remoteAddress, at: from.now },
      { organizationId, action: "setup.complete", target: { kind: "organization", id: organizationId }, detail: { claimedHosts } },
    );
    return { userId, organizationId: OrganizationId.parse(organizationId), siteId: SiteId.parse(siteId), claimedHosts };
  });
}

async function claimHosts(tx: Tx, organizationId: string, siteId: string): Promise<number> {
  // In the order of ids, as everything that locks several hosts.
  const hosts = await tx.host.findMany({ where: { organizationId: null, revokedAt: null }, select: { id: true }, orderBy: { id: "asc" } });
  for (const { id } of hosts) {
    await touchHost(tx, id);
    await tx.host.update({ where: { id }, data: { organizationId, siteId } });
    await publishChange(tx, { organizationId, resource: "host", id });
  }
  await tx.network.updateMany({ where: { organizationId: null, hostId: { in: hosts.map((host) => host.id) } }, data: { organizationId } });
  await tx.enrolment.updateMany({ where: { organizationId: null }, data: { organizationId, siteId } });
  return hosts.length;
}
