import { randomBytes, randomUUID } from "node:crypto";
import { OrganizationId, UserId } from "@indium/contract/ids";
import { GIB } from "@indium/contract/plain/bytes";
import { newId } from "@indium/contract/plain/ids";
import type { Role } from "@indium/contract/states";
import { macAddressFrom } from "@indium/domain/mac-address";
import { appRouter } from "./api/root";
import { createCallerFactory } from "./api/trpc";
import type { Db } from "./db";
import { LiveFeed } from "./live/feed";
import { type Actor, loadActor } from "./services/actor";

/** Records for integration tests, written directly, so that a test of one service does not hang on the others. */
export const callerOf = createCallerFactory(appRouter);

export interface CallAs {
  readonly db: Db;
  readonly actor: Actor | null;
  readonly feed?: LiveFeed;
  readonly now?: () => Date;
  readonly sameOrigin?: boolean;
}

/** The API as somebody would call it. */
export function callAs({ db, actor, feed, now = () => new Date(), sameOrigin = true }: CallAs) {
  return callerOf({
    db,
    actor,
    feed: feed ?? new LiveFeed("postgresql://nowhere@127.0.0.1:1/none"),
    remoteAddress: "192.0.2.7",
    sameOrigin,
    publicUrl: "https://indium.example",
    now,
  });
}

let counter = 0;
const unique = () => ++counter;

export async function makeOrganization(
  db: Db,
  options: { name?: string; providerId?: string; isProvider?: boolean } = {},
): Promise<OrganizationId> {
  const id = newId("organization");
  await db.organization.create({
    data: {
      id,
      name: options.name ?? `Organization ${unique()}`,
      providerId: options.providerId ?? null,
      isProvider: options.isProvider ?? false,
    },
  });
  return OrganizationId.parse(id);
}

export async function makeUser(
  db: Db,
  options: {
    grants?: readonly (readonly [organizationId: string, role: Role])[];
    installationAdmin?: boolean;
    email?: string;
    name?: string;
  } = {},
): Promise<Actor> {
  const id = UserId.parse(newId("user"));
  const number = unique();
  await db.user.create({
    data: {
      id,
      email: options.email ?? `user${number}@example.org`,
      name: options.name ?? `User ${number}`,
      installationAdmin: options.installationAdmin ?? false,
      grants: { create: (options.grants ?? []).map(([organizationId, role]) => ({ organizationId, role })) },
    },
  });
  const actor = await loadActor(db, id, 1);
  if (actor === null) throw new Error("the user just made is not there");
  return actor;
}

/** An actor as they are now, after their grants changed. */
export async function reread(db: Db, actor: Actor): Promise<Actor> {
  const again = await loadActor(db, actor.userId, actor.sessionEpoch);
  if (again === null) throw new Error("the user's sessions were ended");
  return again;
}

export async function makeHost(
  db: Db,
  options: { organizationId?: string | null; siteId?: string | null; name?: string } = {},
): Promise<string> {
  const id = newId("host");
  const key = () => randomBytes(32).toString("base64");
  const { organizationId = null, siteId = null, name = `host-${unique()}` } = options;
  await db.host.create({ data: { id, organizationId, siteId, name, publicKey: key(), sealingKey: key() } });
  return id;
}

export async function makeImage(db: Db, options: { organizationId?: string | null; name?: string } = {}): Promise<string> {
  const id = newId("image");
  const { organizationId = null, name = `Image ${unique()}` } = options;
  await db.image.create({ data: { id, organizationId, name, origin: "url", url: "https://images.example.org/disk.qcow2" } });
  return id;
}

export async function makeInstance(
  db: Db,
  options: { organizationId: string; imageId: string; hostId?: string | null; networkId?: string; name?: string },
): Promise<string> {
  const id = newId("instance");
  const { organizationId, imageId, hostId = null, name = `instance-${unique()}` } = options;
  await db.instance.create({
    data: {
      id,
      organizationId,
      imageId,
      hostId,
      name,
      guestUuid: randomUUID(),
      desired: "running",
      vcpus: 1,
      memoryBytes: GIB,
      diskBytes: 2 * GIB,
      volumeId: newId("volume"),
      firmware: "bios",
      ...(options.networkId === undefined
        ? {}
        : {
            nics: { create: { id: newId("nic"), networkId: options.networkId, position: 0, macAddress: macAddressFrom(randomBytes(5)) } },
          }),
    },
  });
  return id;
}

export interface OrganizationFixture {
  readonly organizationId: OrganizationId;
  readonly siteId: string;
  readonly hostId: string;
  readonly networkId: string;
  readonly imageId: string;
  readonly sshKeyId: string;
  readonly securityGroupId: string;
  readonly nicId: string;
  readonly instanceId: string;
  readonly operationId: string;
  readonly enrolmentId: string;
  readonly invitationId: string;
  readonly shareId: string;
  /** A plain viewer. */
  readonly userId: UserId;
}

/** One of everything in the organization. */
export async function furnish(db: Db, organizationId: OrganizationId): Promise<OrganizationFixture> {
  const member = await makeUser(db, { grants: [[organizationId, "viewer"]] });
  const [siteId, networkId, sshKeyId, operationId, enrolmentId, invitationId] = [
    newId("site"),
    newId("network"),
    newId("sshKey"),
    newId("operation"),
    newId("enrolment"),
    newId("invitation"),
  ];
  const expiresAt = new Date(Date.now() + 3_600_000);
  const hash = () => randomBytes(32).toString("hex");
  await db.site.create({ data: { id: siteId, organizationId, name: `Site ${unique()}` } });
  const hostId = await makeHost(db, { organizationId, siteId });
  await db.network.create({
    data: { id: networkId, organizationId, hostId, name: "lab", kind: "nat", ipv4Cidr: "10.77.0.0/24", ipv4Gateway: "10.77.0.1" },
  });
  const imageId = await makeImage(db, { organizationId });
  const securityGroupId = newId("securityGroup");
  await db.securityGroup.create({ data: { id: securityGroupId, organizationId, name: "lab" } });
  await db.sshKey.create({
    data: { id: sshKeyId, organizationId, name: "laptop", publicKey: "ssh-ed25519 AAAA", fingerprint: `SHA256:${unique()}` },
  });
  const instanceId = await makeInstance(db, { organizationId, imageId, hostId, networkId });
  const shareId = newId("share");
  await db.consoleShare.create({
    data: { id: shareId, organizationId, instanceId, tokenHash: hash(), createdById: member.userId, expiresAt },
  });
  await db.operation.create({ data: { id: operationId, organizationId, kind: "instance.start", instanceId, hostId } });
  await db.enrolment.create({ data: { id: enrolmentId, organizationId, siteId, tokenHash: hash(), expiresAt } });
  await db.invitation.create({
    data: { id: invitationId, organizationId, role: "viewer", tokenHash: hash(), createdById: member.userId, expiresAt },
  });
  return {
    organizationId,
    siteId,
    hostId,
    networkId,
    imageId,
    sshKeyId,
    securityGroupId,
    nicId: newId("nic"),
    instanceId,
    operationId,
    enrolmentId,
    invitationId,
    shareId,
    userId: member.userId,
  };
}
