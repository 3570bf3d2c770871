import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditFilter } from "@indium/contract/api/audit-views";
import { AuditAction } from "@indium/contract/audit";
import { newId } from "@indium/contract/plain/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Db } from "../db";
import { migrateJobs } from "../operations/job-runner";
import type { Actor } from "../services/actor";
import { csvCell, exportAudit } from "../services/audit-export";
import { createEnrolment } from "../services/enrolments";
import { FACTS, GIB } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, furnish, makeHost, makeOrganization, makeUser, type OrganizationFixture } from "../test-fixtures";
import { appRouter } from "./root";

/**
 * Every procedure that changes something, called once for real: it must leave an event behind. One that has no case here fails, so that a new
 * mutation cannot go unaudited.
 */
interface World {
  readonly db: Db;
  readonly fixture: OrganizationFixture;
  readonly owner: Actor;
  readonly sizeId: string;
}
/** What to make first, then the input. */
type Case = (world: World) => Promise<object> | object;

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9sxMSDTnRHAg7XHoWmQ4kLl7ZQaZc8Fp9u6Ybxj5Qf me@laptop";
const observed = async ({ db, fixture }: World, state: string, desired = state): Promise<object> => {
  const { instanceId } = fixture;
  await db.operation.deleteMany({ where: { instanceId } });
  await db.instance.update({ where: { id: instanceId }, data: { desired, desiredGeneration: 5, wishGeneration: 5 } });
  const runtime = { observedState: state, observedGeneration: 9, appliedGeneration: 5, observedAt: new Date(), guestPoweredOff: false };
  await db.instanceRuntime.upsert({ where: { instanceId }, create: { instanceId, ...runtime }, update: runtime });
  return { instanceId };
};
/** Of the console: nobody has it, or the owner and somebody asks for it. */
const control = async ({ db, fixture: { instanceId }, owner }: World, askedById: string | null): Promise<object> => {
  await db.consoleControl.deleteMany({ where: { instanceId } });
  const now = new Date();
  if (askedById !== null)
    await db.consoleControl.create({ data: { instanceId, userId: owner.userId, since: now, seenAt: now, askedById, askedAt: now } });
  return { instanceId };
};
const inOrganization = ({ fixture: { organizationId } }: World) => ({ organizationId });

const CASES: Record<string, Case> = {
  "account.update": () => ({ name: "Ada" }),
  "account.changePassword": () => ({ currentPassword: "correct horse battery", newPassword: "correct horse battery staple" }),
  "console.askControl": (world) => control(world, null),
  "console.claimControl": (world) => control(world, null),
  "console.answerControl": async (world) => ({ ...(await control(world, world.fixture.userId)), give: true }),
  "console.createShare": ({ fixture }) => ({ instanceId: fixture.instanceId, minutes: 60 }),
  "console.revokeShare": async ({ db, owner, fixture }) => {
    const { share } = await callAs({ db, actor: owner }).console.createShare({
      instanceId: fixture.instanceId as `i-${string}`,
      minutes: 60,
    });
    return { shareId: share.id };
  },
  "enrolment.revoke": ({ fixture }) => ({ enrolmentId: fixture.enrolmentId }),
  "host.rename": ({ fixture }) => ({ hostId: fixture.hostId, name: "renamed" }),
  "host.cordon": ({ fixture }) => ({ hostId: fixture.hostId, reason: "its disk fails" }),
  "host.allowPair": async ({ db, fixture }) => ({ hostId: fixture.hostId, peerId: await makeHost(db, fixture) }),
  "host.revokePair": async ({ db, fixture }) => ({ hostId: fixture.hostId, peerId: await makeHost(db, fixture) }),
  "host.uncordon": ({ fixture }) => ({ hostId: fixture.hostId }),
  "image.create": (world) => ({ ...inOrganization(world), name: "Mine", url: "https://images.example/mine.qcow2" }),
  "image.delete": async (world) => {
    const id = newId("image");
    await world.db.image.create({
      data: { id, organizationId: world.fixture.organizationId, name: "Old", origin: "url", url: "https://x.example/" },
    });
    return { imageId: id };
  },
  "instance.create": (world) => ({
    ...inOrganization(world),
    name: "audited",
    imageId: world.fixture.imageId,
    sizeId: world.sizeId,
    requestKey: "audited-once",
  }),
  "instance.start": (world) => observed(world, "stopped"),
  "instance.stop": (world) => observed(world, "running"),
  "instance.actMany": async (world) => {
    await observed(world, "running");
    const { organizationId, instanceId } = world.fixture;
    return { organizationId, instanceIds: [instanceId], action: "reboot" };
  },
  "instance.forceStop": (world) => observed(world, "running"),
  "instance.reboot": (world) => observed(world, "running"),
  "instance.reset": (world) => observed(world, "running"),
  "instance.pause": (world) => observed(world, "running"),
  "instance.resume": (world) => observed(world, "paused"),
  "instance.reprovision": (world) => observed(world, "running"),
  "instance.resize": async (world) => ({ ...(await observed(world, "stopped")), diskBytes: 9 * GIB }),
  "instance.rebuild": (world) => observed(world, "running"),
  "instance.update": async (world) => ({ ...(await observed(world, "running")), tags: { a: "b" } }),
  "instance.discardSecrets": (world) => observed(world, "running"),
  "instance.setSecurityGroups": async (world) => {
    const nic = await world.db.nic.findFirstOrThrow({ where: { instanceId: world.fixture.instanceId } });
    return { ...(await observed(world, "running")), nicId: nic.id, securityGroupIds: [world.fixture.securityGroupId] };
  },
  "invitation.create": (world) => ({ ...inOrganization(world), role: "viewer" }),
  "invitation.revoke": ({ fixture }) => ({ invitationId: fixture.invitationId }),
  "member.updateRole": (world) => ({ ...inOrganization(world), userId: world.fixture.userId, role: "operator" }),
  "member.remove": (world) => ({ ...inOrganization(world), userId: world.fixture.userId }),
  "network.create": (world) => ({ hostId: world.fixture.hostId, name: "second", kind: "nat" }),
  "network.delete": async (world) => {
    const id = newId("network");
    const { hostId, organizationId } = world.fixture;
    await world.db.network.create({
      data: { id, organizationId, hostId, name: "old", kind: "isolated", ipv4Cidr: "10.99.0.0/24", ipv4Gateway: "10.99.0.1" },
    });
    return { networkId: id };
  },
  "organization.create": () => ({ name: "Another" }),
  "organization.update": (world) => ({ ...inOrganization(world), placement: "pack" }),
  "organization.updateProvider": (world) => ({ ...inOrganization(world), isProvider: true, providerId: null }),
  "site.create": (world) => ({ ...inOrganization(world), name: "Second" }),
  "site.update": ({ fixture }) => ({ siteId: fixture.siteId, name: "Renamed" }),
  "site.delete": async (world) => {
    const id = newId("site");
    await world.db.site.create({ data: { id, organizationId: world.fixture.organizationId, name: "Old" } });
    return { siteId: id };
  },
  "securityGroup.create": (world) => ({ ...inOrganization(world), name: "web", description: "", rules: [] }),
  "securityGroup.update": ({ fixture }) => ({ securityGroupId: fixture.securityGroupId, name: "lab", description: "changed", rules: [] }),
  "securityGroup.delete": async (world) => {
    const id = newId("securityGroup");
    await world.db.securityGroup.create({ data: { id, organizationId: world.fixture.organizationId, name: "old" } });
    return { securityGroupId: id };
  },
  "size.create": () => ({ name: "audited", vcpus: 1, memoryBytes: GIB, diskBytes: 5 * GIB }),
  "size.delete": async ({ db }) => {
    const id = newId("size");
    await db.size.create({ data: { id, name: "old", vcpus: 1, memoryBytes: BigInt(GIB), diskBytes: BigInt(GIB), position: 2 } });
    return { sizeId: id };
  },
  "sshKey.create": (world) => ({ ...inOrganization(world), name: "new", publicKey: KEY }),
  "sshKey.delete": ({ fixture }) => ({ sshKeyId: fixture.sshKeyId }),
  "instance.replaceSecrets": async (world) => ({
    ...(await observed(world, "running")),
    password: { kind: "set", password: "correct horse" },
    userData: { kind: "keep" },
  }),
  "instance.openConsole": async (world) => {
    await world.db.host.update({ where: { id: world.fixture.hostId }, data: { relayName: "local" } });
    return { ...(await observed(world, "running")), kind: "vnc", mode: "control" };
  },
  "invitation.accept": async (world) => {
    const { link } = await callAs({ db: world.db, actor: world.owner }).invitation.create({ ...inOrganization(world), role: "viewer" });
    const account = { name: "New", email: "new@example.org", password: "correct horse battery" };
    return { token: link.split("/").at(-1), account };
  },
  "instance.delete": (world) => observed(world, "running"),
  "host.remove": ({ fixture }) => ({ hostId: fixture.hostId, force: true }),
};

/** Tested for their event elsewhere: they want a built archive, or an installation that is not set up. */
const ELSEWHERE: Record<string, string> = {
  "enrolment.create": "below, because the install script is not built here",
  "image.evict": "it wants a host that answers; services/images-evict.integration.test.ts",
  "share.open": "it wants a host that is linked; services/consoles.integration.test.ts",
  "setup.complete": "services/identity.integration.test.ts",
};
/** Where the event is not named as the procedure. */
const ACTION: Record<string, AuditAction> = {
  "instance.actMany": "instance.reboot",
  "instance.openConsole": "instance.console.ticket",
  "console.askControl": "instance.console.control",
  "console.claimControl": "instance.console.control",
  "console.answerControl": "instance.console.control",
};

const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>).flatMap(
  ([path, { _def }]) => (_def.type === "mutation" ? [path] : []),
);

let test: TestDatabase;
let world: World;
let keysDir: string;

beforeAll(async () => {
  keysDir = mkdtempSync(join(tmpdir(), `indium-audit-${process.pid}-`));
  process.env.INDIUM_KEYS_DIR = keysDir;
  test = await startTestDatabase();
  await migrateJobs(test.url);
  const { db } = test;
  const organizationId = await makeOrganization(db, { name: "Audited" });
  const fixture = await furnish(db, organizationId);
  const leaseExpiresAt = new Date(Date.now() + 3_600_000);
  await db.host.update({ where: { id: fixture.hostId }, data: { facts: FACTS, leaseExpiresAt } });
  const owner = await makeUser(db, { grants: [[organizationId, "owner"]], installationAdmin: true });
  const sizeId = newId("size");
  await db.size.create({
    data: { id: sizeId, name: "audit", vcpus: 1, memoryBytes: BigInt(GIB), diskBytes: BigInt(5 * GIB), position: 1 },
  });
  const { hashPassword } = await import("../auth/password");
  await db.user.update({ where: { id: owner.userId }, data: { passwordHash: await hashPassword("correct horse battery") } });
  world = { db, fixture, owner, sizeId };
}, 120_000);
afterAll(async () => {
  await test?.stop();
  rmSync(keysDir, { recursive: true, force: true });
});

describe("the audit log", () => {
  it("has a case for every procedure that changes something", () => {
    expect(procedures.filter((path) => CASES[path] === undefined && ELSEWHERE[path] === undefined)).toEqual([]);
    expect(Object.keys({ ...CASES, ...ELSEWHERE }).filter((path) => !procedures.includes(path))).toEqual([]);
  });

  it.each(Object.keys(CASES).filter((path) => procedures.includes(path)))("tells of %s", async (path) => {
    const { db, owner } = world;
    const input = await CASES[path]?.(world);
    const last = (await db.auditEvent.findFirst({ orderBy: { id: "desc" }, select: { id: true } }))?.id ?? 0n;
    const caller = callAs({ db, actor: owner }) as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>;
    const [router = "", name = ""] = path.split(".");
    await caller[router]?.[name]?.(input);
    const events = await db.auditEvent.findMany({ where: { id: { gt: last } } });
    const action = ACTION[path] ?? path;
    expect(events.map((event) => event.action)).toContain(action);
    const event = events.find((each) => each.action === action);
    expect(AuditAction.safeParse(event?.action).success).toBe(true);
    expect(event).toMatchObject({ remoteAddress: "192.0.2.7", result: "success" });
    if (path !== "invitation.accept") expect(event?.actorId).toBe(owner.userId);
  });

  it("tells of an enrolment and of the host that uses it, with where from", async () => {
    const { organizationId, siteId } = world.fixture;
    const enrolment = { organizationId, siteId, local: false, createdById: world.owner.userId, remoteAddress: "192.0.2.7" };
    const { id } = await createEnrolment(world.db, enrolment, Date.now());
    expect(await world.db.auditEvent.findFirst({ where: { targetId: id } })).toMatchObject({
      action: "enrolment.create",
      actorId: world.owner.userId,
      remoteAddress: "192.0.2.7",
    });
  });

  it("is listed newest first, a page at a time without gaps, with names and by filter", async () => {
    const caller = callAs({ db: world.db, actor: world.owner });
    const { organizationId, instanceId } = world.fixture;
    const all = await caller.audit.list({ organizationId, limit: 200 });
    expect(all.items.length).toBeGreaterThan(30);
    const pieces: string[] = [];
    for (let cursor: string | null = null; ; ) {
      const page: Awaited<ReturnType<typeof caller.audit.list>> = await caller.audit.list({ organizationId, limit: 7, cursor });
      pieces.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor;
      if (cursor === null) break;
    }
    expect(pieces).toEqual(all.items.map((item) => item.id));
    const ofInstance = await caller.audit.list({ organizationId, target: instanceId, action: "instance.start" });
    const name = (await world.db.instance.findUniqueOrThrow({ where: { id: instanceId } })).name;
    expect(ofInstance.items).toMatchObject([
      { action: "instance.start", actor: { id: world.owner.userId }, target: { kind: "instance", id: instanceId, name } },
    ]);
    expect((await caller.audit.list({ organizationId, actor: "system" })).items).toEqual([]);
    expect((await caller.audit.list({ organizationId, until: new Date(0) })).items).toEqual([]);
    expect((await caller.audit.actors({ organizationId })).map((actor) => actor.name)).toEqual(["Ada", "New"]);
    const other = await makeOrganization(world.db, { name: "Silent" });
    const stranger = callAs({ db: world.db, actor: await makeUser(world.db, { grants: [[other, "owner"]] }) });
    expect((await stranger.audit.list({ organizationId: other })).items).toEqual([]);
  });

  it("shows an administrator of the installation what belongs to no organization, and nothing else", async () => {
    const caller = callAs({ db: world.db, actor: world.owner });
    const { items } = await caller.audit.ofInstallation({ limit: 200 });
    expect(items.map(({ action }) => action)).toContain("size.create");
    expect(items).toHaveLength(await world.db.auditEvent.count({ where: { organizationId: null } }));
    expect((await caller.audit.ofInstallation({ action: "size.create" })).items).toMatchObject([{ action: "size.create" }]);
    expect((await caller.audit.installationActors()).map((actor) => actor.name)).toContain("Ada");
    const member = callAs({
      db: world.db,
      actor: await makeUser(world.db, { grants: [[world.fixture.organizationId, "owner"]] }),
    });
    await expect(member.audit.ofInstallation({})).rejects.toMatchObject({ cause: { code: "forbidden" } });
  });

  it("is taken as a file in pieces, whole or cut where it says so", async () => {
    const filter = AuditFilter.parse({ organizationId: world.fixture.organizationId });
    const text = async (format: "csv" | "json", limit?: number) => {
      let all = "";
      for await (const piece of exportAudit(world.db, filter, format, limit)) all += piece;
      return all;
    };
    const count = await world.db.auditEvent.count({ where: { organizationId: filter.organizationId } });
    const csv = await text("csv");
    expect(csv.trim().split("\r\n")).toHaveLength(count + 1);
    expect(csv).toContain(",instance.rebuild,instance,");
    const json = JSON.parse(await text("json")) as { events: { action: string }[]; truncated: boolean };
    expect([json.events.length, json.truncated]).toEqual([count, false]);
    const cut = JSON.parse(await text("json", 5)) as typeof json;
    expect([cut.events.length, cut.truncated]).toEqual([5, true]);
    expect(await text("csv", 5)).toMatch(/\r\n# cut after 5 events: .*\r\n$/);
    expect(JSON.parse(await text("json", count))).toMatchObject({ truncated: false });
  });

  it("gives no spreadsheet a formula", () => {
    expect([csvCell("=1+1"), csvCell('say "hi", all'), csvCell("plain")]).toEqual(["'=1+1", '"say ""hi"", all"', "plain"]);
  });
});
