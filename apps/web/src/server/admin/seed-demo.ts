import { AppError } from "@indium/contract/errors";
import { newId } from "@indium/contract/plain/ids";
import { hashPassword } from "../auth/password";
import { touchHost } from "../services/host-documents";
import { completeSetup, createSetupLink } from "../services/installation";
import type { AdminContext } from "./commands";
import { refuseBeyondThisMachine } from "./this-machine";

const EMAIL = "demo@indium.example";
const PASSWORD = "demonstration";
const SITES = ["Rome", "Berlin"] as const;

/**
 * For `npm run dev` on this machine only: a known account with an organization of two sites, and the simulated hosts shared between
 * them. Running it again adds what is missing and leaves the rest.
 * @throws AppError `forbidden` where others could reach the known password.
 */
export async function seedDemo(context: AdminContext): Promise<{ email: string; password: string }> {
  const { db, env } = context;
  refuseBeyondThisMachine(env.publicUrl);
  const link = await createSetupLink(db, env.publicUrl);
  if (link.needed) {
    const token = new URL(link.url).searchParams.get("token") ?? "";
    const input = { token, name: "Demo", email: EMAIL, password: PASSWORD, organizationName: "Demonstration", siteName: SITES[0] };
    await completeSetup(db, input, { remoteAddress: null, now: context.now() });
  } else {
    const known = await db.user.findUnique({ where: { email: EMAIL } });
    if (known === null)
      throw new AppError("conflict", "This installation is set up with an account of its own; demonstration data is for a fresh one.");
    await db.user.update({ where: { id: known.id }, data: { passwordHash: await hashPassword(PASSWORD), disabledAt: null } });
  }
  await shareHosts(context);
  return { email: EMAIL, password: PASSWORD };
}

async function shareHosts({ db }: AdminContext): Promise<void> {
  const user = await db.user.findUniqueOrThrow({ where: { email: EMAIL }, include: { grants: true } });
  const organizationId = user.grants[0]?.organizationId;
  if (organizationId === undefined) return;
  const sites = await Promise.all(
    SITES.map((name) =>
      db.site.upsert({
        where: { organizationId_name: { organizationId, name } },
        create: { id: newId("site"), organizationId, name },
        update: {},
      }),
    ),
  );
  const hosts = await db.host.findMany({
    // A host with instances stays: the site is part of what they were told.
    where: {
      simulated: true,
      revokedAt: null,
      instances: { none: { deletedAt: null } },
      OR: [{ organizationId: null }, { organizationId }],
    },
    orderBy: [{ enrolledAt: "asc" }, { id: "asc" }],
  });
  for (const [index, host] of hosts.entries()) {
    const site = sites[index % sites.length];
    if (site === undefined || host.siteId === site.id) continue;
    await db.$transaction(async (tx) => {
      await touchHost(tx, host.id);
      await tx.host.update({ where: { id: host.id }, data: { organizationId, siteId: site.id } });
      await tx.network.updateMany({ where: { hostId: host.id, organizationId: null }, data: { organizationId } });
    });
  }
}
