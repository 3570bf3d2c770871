import { InstanceCreateInput, InstanceListInput } from "@indium/contract/api/instance-views";
import { ConsoleTicket } from "@indium/contract/console";
import { SignedEnvelope } from "@indium/contract/envelope";
import { OrganizationId } from "@indium/contract/ids";
import { DesiredState, DisplayedState, ObservedState } from "@indium/contract/states";
import { displayedState } from "@indium/domain/displayed-state";
import { openEnvelope } from "@indium/tunnel/envelope";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Prisma } from "../../generated/prisma/client";
import { serialTail } from "../hosts/host-calls";
import { DocumentPusher, startDocumentPusher } from "../reconcile/document-pusher";
import { pushDocument } from "../reconcile/push-document";
import { leaseWatcher } from "../reconcile/tasks";
import { FakeHost, seedOrganization, startTestCentre, type TestCentre } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { giveTicket } from "./consoles";
import { createEnrolment, ENROLMENT_TTL_MS, enrolHost, revokeEnrolment } from "./enrolments";
import { getHost, listHosts, removeHost, renameHost } from "./hosts";
import { displayedStateSql, listInstances } from "./instance-list";
import { getInstance } from "./instance-views";
import { createInstance } from "./instances-create";

let database: TestDatabase;
let centre: TestCentre;
let seed: Awaited<ReturnType<typeof seedOrganization>>;
beforeAll(async () => {
  database = await startTestDatabase();
  centre = await startTestCentre(database);
});
afterAll(async () => {
  await centre?.stop();
  await database?.stop();
});
beforeEach(async () => {
  await database.reset();
  await centre.registerRelay();
  seed = await seedOrganization(database);
});

const create = async (name: string) => {
  const form = InstanceCreateInput.parse({ ...seed, siteId: null, name, password: "correct horse", requestKey: `key-of-${name}` });
  return (await createInstance({ ...centre, actorId: null, nowMs: centre.clock.now }, form)).instanceId;
};
const scope = (role: "owner" | "viewer" = "owner") =>
  ({ id: OrganizationId.parse(seed.organizationId), name: "Acme", providerId: null, role, viaProvider: false }) as const;

describe("enrolment", () => {
  const token = async () =>
    createEnrolment(
      database.db,
      { organizationId: seed.organizationId, siteId: seed.siteId, local: false, createdById: null },
      centre.clock.now,
    );

  it("spends a token once, and only its hash is kept", async () => {
    const { token: text, id } = await token();
    const host = new FakeHost(centre.signer.publicKey);
    const hostId = await enrolHost(database.db, host.enrolRequest(text), centre.clock.now);
    expect(JSON.stringify(await database.db.enrolment.findMany())).not.toContain(text);
    expect(await database.db.enrolment.findUnique({ where: { id } })).toMatchObject({ hostId, usedAt: expect.any(Date) });
    const other = new FakeHost(centre.signer.publicKey);
    await expect(enrolHost(database.db, other.enrolRequest(text), centre.clock.now)).rejects.toMatchObject({ code: "token_used" });
  });

  it("takes one of two machines that race for a token", async () => {
    const { token: text } = await token();
    const race = await Promise.allSettled(
      [1, 2].map(() => enrolHost(database.db, new FakeHost(centre.signer.publicKey).enrolRequest(text), centre.clock.now)),
    );
    expect(race.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("refuses a wrong, an expired and a revoked token, and a key that did not sign", async () => {
    const host = new FakeHost(centre.signer.publicKey);
    await expect(enrolHost(database.db, host.enrolRequest(`indium-enrol-${"0".repeat(64)}`), centre.clock.now)).rejects.toMatchObject({
      code: "token_invalid",
    });
    const { token: text, id } = await token();
    await expect(enrolHost(database.db, host.enrolRequest(text), centre.clock.now + ENROLMENT_TTL_MS)).rejects.toMatchObject({
      code: "token_expired",
    });
    const foreign = { ...host.enrolRequest(text), publicKey: new FakeHost(centre.signer.publicKey).key.publicKey };
    await expect(enrolHost(database.db, foreign, centre.clock.now)).rejects.toMatchObject({ code: "signature_invalid" });
    await revokeEnrolment(database.db, seed.organizationId, id, "usr-0123456789abcdef0", centre.clock.now);
    await expect(enrolHost(database.db, host.enrolRequest(text), centre.clock.now)).rejects.toMatchObject({ code: "token_invalid" });
  });

  it("tells a machine that it is enrolled already, and takes it back once it was removed", async () => {
    const host = await centre.addHost(seed.organizationId, seed.siteId);
    const { token: text } = await token();
    await expect(enrolHost(database.db, host.enrolRequest(text), centre.clock.now)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("enrolled already, as host lab-1"),
    });
    await removeHost(database.db, { organizationId: seed.organizationId, hostId: host.id, actorId: null, nowMs: centre.clock.now }, false);
    await expect(centre.connect(host)).rejects.toMatchObject({ code: "host_revoked" });
    expect(await enrolHost(database.db, host.enrolRequest(text), centre.clock.now)).not.toBe(host.id);
    await centre.connect(host);
  });

  it("numbers hosts of one name", async () => {
    await centre.addHost(seed.organizationId, seed.siteId);
    const second = await centre.addHost(seed.organizationId, seed.siteId);
    expect((await getHost(database.db, seed.organizationId, second.id, centre.clock.now)).name).toBe("lab-1-2");
    const request = { organizationId: seed.organizationId, hostId: second.id, actorId: null, nowMs: centre.clock.now };
    await expect(renameHost(database.db, request, "lab-1")).rejects.toMatchObject({ code: "already_exists", field: "name" });
  });
});

describe("a host", () => {
  it("is online while its lease lives, and told of when it runs out", async () => {
    const host = await centre.addHost(seed.organizationId, seed.siteId);
    const state = async () => (await listHosts(database.db, seed.organizationId, centre.clock.now))[0]?.state;
    expect(await state()).toBe("online");
    // A relay that lost the host to a newer link takes nothing from it.
    await centre.connect(host);
    await centre.ask("disconnectHost", { hostId: host.id, linkEpoch: host.linkEpoch - 1 });
    expect((await database.db.host.findUniqueOrThrow({ where: { id: host.id } })).relayUrl).not.toBeNull();
    centre.clock.now += 16_000;
    expect(await state()).toBe("unreachable");
    await leaseWatcher().run(centre);
    await centre.renew(host);
    expect(await state()).toBe("online");
  });

  it("is not removed while it holds instances, unless that is confirmed: then nothing is tombstoned", async () => {
    const host = await centre.addHost(seed.organizationId, seed.siteId);
    const id = await create("web-1");
    await pushDocument(centre.push, host.id);
    const request = { organizationId: seed.organizationId, hostId: host.id, actorId: null, nowMs: centre.clock.now };
    await expect(removeHost(database.db, request, false)).rejects.toMatchObject({
      code: "precondition_failed",
      message: expect.stringContaining("web-1"),
    });
    const documents = host.documents.length;
    expect(await removeHost(database.db, request, true)).toEqual({ id: host.id, relayName: "test" });
    expect(await pushDocument(centre.push, host.id)).toBe("gone");
    expect(host.documents).toHaveLength(documents);
    expect(await database.db.instance.findUniqueOrThrow({ where: { id } })).toMatchObject({
      deletedAt: expect.any(Date),
      secretsCiphertext: null,
    });
    await expect(centre.report(host, host.observes(id, "running"))).rejects.toMatchObject({ code: "host_revoked" });
  });

  it("is asked over its relay, and its name is in the error", async () => {
    const host = await centre.addHost(seed.organizationId, seed.siteId);
    const id = await create("web-1");
    expect(await serialTail(centre, host.id, { instanceId: id, bytes: 100 })).toEqual({ text: "login: ", totalBytes: 7 });
    host.linked = false;
    await expect(serialTail(centre, host.id, { instanceId: id, bytes: 100 })).rejects.toMatchObject({
      code: "host_unreachable",
      message: expect.stringContaining("Host lab-1 cannot be reached"),
    });
  });

  it("gets its document by the commit's own signal, whatever another host does", async () => {
    const stop = await startDocumentPusher(database.url, centre.push);
    try {
      const host = await centre.addHost(seed.organizationId, seed.siteId);
      const broken = await centre.addHost(seed.organizationId, seed.siteId, { hostname: "broken" });
      broken.linked = false;
      await expect.poll(() => host.documents.length, { timeout: 5_000 }).toBeGreaterThan(0);
      await create("web-1");
      await create("web-2");
      await expect.poll(() => host.documents.at(-1)?.instances.length ?? 0, { timeout: 5_000 }).toBeGreaterThan(0);
    } finally {
      await stop();
    }
  });

  it("is pushed to once at a time, and again for what came meanwhile", async () => {
    const calls: string[] = [];
    let release = () => {};
    const pusher = new DocumentPusher(centre.push, async (_, hostId) => {
      calls.push(hostId);
      if (calls.length === 1) await new Promise<void>((resolve) => (release = resolve));
      return "accepted";
    });
    pusher.signal("h-1");
    pusher.signal("h-1");
    pusher.signal("h-1");
    expect(calls).toEqual(["h-1"]);
    release();
    await pusher.settled();
    expect(calls).toEqual(["h-1", "h-1"]);
    await pusher.stop();
  });
});

describe("a console", () => {
  it("gets a signed ticket for its user, its relay and 30 seconds, and is audited", async () => {
    const host = await centre.addHost(seed.organizationId, seed.siteId);
    const id = await create("web-1");
    const request = {
      organizationId: seed.organizationId,
      instanceId: id,
      userId: "usr-0123456789abcdef0",
      kind: "vnc",
      mode: "control",
      publicUrl: "https://indium.example",
      remoteAddress: null,
    } as const;
    await expect(giveTicket(database.db, centre.signer, { ...request, nowMs: centre.clock.now })).rejects.toMatchObject({
      code: "action_denied",
    });
    await centre.report(host, host.observes(id, "running"));
    const { url } = await giveTicket(database.db, centre.signer, { ...request, nowMs: centre.clock.now });
    const parsed = new URL(url);
    expect(parsed.origin + parsed.pathname).toBe("wss://indium.example/relay/console");
    const envelope: unknown = JSON.parse(Buffer.from(parsed.searchParams.get("ticket") ?? "", "base64url").toString("utf8"));
    const ticket = openEnvelope(envelope, { purpose: "console-ticket", publicKeys: [centre.signer.publicKey], schema: ConsoleTicket });
    expect(ticket).toMatchObject({ instanceId: id, hostId: host.id, relayName: "test", expiresAt: centre.clock.now + 30_000 });
    const opened = { ticket: SignedEnvelope.parse(envelope), event: "opened", reason: null, bytesOut: 0 } as const;
    for (const _twice of [1, 2]) await centre.ask("consoleEvent", opened);
    expect(await database.db.auditEvent.count({ where: { action: "instance.console.opened", targetId: id, actorId: ticket.userId } })).toBe(
      1,
    );
    expect(await database.db.auditEvent.findFirst({ where: { action: "instance.console.opened" } })).toMatchObject({
      actorId: request.userId,
    });
    const other = await seedOrganization(database, "Other");
    await expect(
      giveTicket(database.db, centre.signer, { ...request, organizationId: other.organizationId, nowMs: centre.clock.now }),
    ).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("lists and views", () => {
  it("computes the displayed state in SQL as domain does", async () => {
    const live = new Date(Date.parse("2026-11-21T12:00:00Z"));
    const rows = DesiredState.options.flatMap((desired) =>
      [null, ...ObservedState.options].flatMap((observed) =>
        [1, 2].flatMap((applied) => [true, false, null].map((lease) => ({ desired, observed, applied, lease }))),
      ),
    );
    for (const { desired, observed, applied, lease } of rows) {
      const [row] = await database.db.$queryRaw<{ state: string }[]>`SELECT ${displayedStateSql(live)} AS state FROM
        (SELECT ${desired}::text AS desired, 2 AS "desiredGeneration", ${lease === null ? null : "h"}::text AS "hostId") i,
        (SELECT ${observed}::text AS "observedState", ${observed === null ? Prisma.sql`NULL::int` : Prisma.sql`${applied}::int`} AS "appliedGeneration") r,
        (SELECT NULL::timestamp AS "revokedAt", ${new Date(live.getTime() + (lease === true ? 1 : -1))}::timestamp AS "leaseExpiresAt") h`;
      const expected = displayedState({
        desired,
        desiredGeneration: 2,
        observed,
        appliedGeneration: observed === null ? 0 : applied,
        hostLeaseAlive: lease,
      });
      expect(row?.state, JSON.stringify({ desired, observed, applied, lease })).toBe(expected);
    }
  });

  it("pages without repeating or skipping, filters and counts", async () => {
    const host = await centre.addHost(seed.organizationId, seed.siteId);
    for (const name of ["a-1", "a-2", "b-1"]) await create(name);
    const list = (over: object) =>
      listInstances(
        database.db,
        scope(),
        InstanceListInput.parse({ organizationId: seed.organizationId, ...over }),
        new Date(centre.clock.now),
      );
    const first = await list({ limit: 2 });
    const second = await list({ limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map((item) => item.name).sort()).toEqual(["a-1", "a-2", "b-1"]);
    expect([first.total, second.nextCursor]).toEqual([3, null]);
    expect((await list({ search: "a-" })).total).toBe(2);
    expect((await list({ search: "%" })).total).toBe(0);
    expect((await list({ state: "creating" })).total).toBe(3);
    for (const state of DisplayedState.options) await list({ state });
    expect((await list({ hostId: host.id })).items[0]).toMatchObject({ hostName: "lab-1", simulated: false, state: "creating" });
    await expect(list({ cursor: "nonsense" })).rejects.toMatchObject({ code: "bad_request" });
  });

  it("shows an instance with its timeline, its login line and what its viewer may do", async () => {
    const host = await centre.addHost(seed.organizationId, seed.siteId);
    const id = await create("web-1");
    await pushDocument(centre.push, host.id);
    const at = centre.clock.now + 2_500;
    const step = {
      kind: "instance.step",
      instanceId: id,
      boot: 1,
      startedAt: at - 500,
      endedAt: at,
      message: null,
      detail: null,
      progress: null,
    } as const;
    await centre.report(
      host,
      { ...step, step: "image", state: "succeeded" },
      { ...step, step: "start", state: "succeeded" },
      host.observes(id, "running"),
    );
    const view = await getInstance(database.db, scope(), id, centre.clock.now);
    expect(view.timeline.map(({ label, state, atSeconds }) => [label, state, atSeconds])).toEqual([
      ["Placed on lab-1", "succeeded", 0],
      ["Image ready", "succeeded", 2.5],
      ["QEMU started", "succeeded", 2.5],
      ["Disk made", "pending", null],
      ["Network and metadata up", "pending", null],
      ["Metadata first fetched", "pending", null],
      ["SSH answering", "pending", null],
    ]);
    expect(view.ssh).toMatchObject({ command: expect.stringMatching(/^ssh -J root@192\.0\.2\.10 debian@10\./), answering: false });
    expect(view.actions.stop).toEqual({ allowed: true });
    expect(view.actions.start).toEqual({ allowed: false, reason: "The instance is already running." });
    const viewed = await getInstance(database.db, scope("viewer"), id, centre.clock.now);
    expect(viewed.actions.stop).toMatchObject({ allowed: false, reason: expect.stringContaining("As viewer of Acme") });

    // Why it hangs: the lines for those who may read its console, until the host says that they are past.
    const finding = { kind: "kernel_panic", at: at + 1, boot: 1, excerpt: "Kernel panic - not syncing: x" } as const;
    const screen = { at: at + 2, boot: 1, why: "finding" } as const;
    await centre.report(host, { ...host.observes(id, "running"), findings: [finding], screen });
    const seenBy = async (role?: "viewer") => {
      const { findings, screen } = await getInstance(database.db, scope(role), id, centre.clock.now);
      return { findings, screen };
    };
    expect(await seenBy()).toEqual({ findings: [finding], screen });
    expect(await seenBy("viewer")).toEqual({ findings: [{ ...finding, excerpt: "" }], screen });
    await centre.report(host, host.observes(id, "running"));
    expect(await seenBy()).toEqual({ findings: [], screen: null });
  });
});
