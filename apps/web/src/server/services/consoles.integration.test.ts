import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConsoleTicket } from "@indium/contract/console";
import { SignedEnvelope } from "@indium/contract/envelope";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import { privateKeyToPem } from "@indium/tunnel/keys";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { silentRelays } from "../reconcile/tasks";
import { startTestCentre, type TestCentre } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, makeImage, makeInstance, makeOrganization, makeUser } from "../test-fixtures";
import type { Actor } from "./actor";

let database: TestDatabase;
let centre: TestCentre;
let now = 0;
let instanceId: `i-${string}`;
let lea: Actor;
let ben: Actor;

beforeAll(async () => {
  database = await startTestDatabase();
  centre = await startTestCentre(database);
  // The procedures load the centre's key from the keys folder, as in life.
  vi.stubEnv("INDIUM_KEYS_DIR", centre.keysDir);
  await writeFile(join(centre.keysDir, "centre.key"), privateKeyToPem(centre.signer.keyPair.privateKey), { mode: 0o600 });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await centre?.stop();
  await database?.stop();
});
beforeEach(async () => {
  await database.reset();
  await centre.registerRelay();
  centre.relay.ended.length = 0;
  now = centre.clock.now;
  const { db } = database;
  const organizationId = await makeOrganization(db);
  const site = await db.site.create({ data: { id: "site-00000000000000001", organizationId, name: "Home" } });
  lea = await makeUser(db, { name: "Lea", grants: [[organizationId, "operator"]] });
  ben = await makeUser(db, { name: "Ben", grants: [[organizationId, "operator"]] });
  const host = await centre.addHost(organizationId, site.id);
  instanceId = (await makeInstance(db, { organizationId, imageId: await makeImage(db), hostId: host.id })) as `i-${string}`;
  await db.instanceRuntime.create({
    data: { instanceId, observedState: "running", observedGeneration: 1, appliedGeneration: 1, observedAt: new Date(now) },
  });
  await db.host.update({ where: { id: host.id }, data: { leaseExpiresAt: new Date(now + 3_600_000) } });
});

const as = (actor: Actor | null) => callAs({ db: database.db, actor, now: () => new Date(now) });
const ticketIn = (url: string) => {
  const envelope = SignedEnvelope.parse(JSON.parse(Buffer.from(new URL(url).searchParams.get("ticket") ?? "", "base64url").toString()));
  return { envelope, ticket: ConsoleTicket.parse(JSON.parse(envelope.payload)) };
};
const tell = (url: string, event: "opened" | "closed") => {
  centre.clock.now = now;
  return centre.ask("consoleEvent", { ticket: ticketIn(url).envelope, event, reason: null, bytesOut: 0 });
};
/** Opens a console and has its relay say so. */
async function open(actor: Actor, mode: "control" | "view" = "control") {
  const access = await as(actor).instance.openConsole({ instanceId, kind: "vnc", mode });
  await tell(access.url, "opened");
  return access;
}

describe("control of a console", () => {
  it("is the first one's, in as many windows as they like; the second watches", async () => {
    expect((await open(lea)).mode).toBe("control");
    expect((await open(lea)).mode).toBe("control");
    const watching = await open(ben);
    expect(watching.mode).toBe("view");
    expect(ticketIn(watching.url).ticket.mode).toBe("view");
    const room = await as(ben).console.room({ instanceId });
    expect(room.holder).toMatchObject({ name: "Lea", you: false });
    expect(room.viewers.map(({ name, you, mode, byLink }) => ({ name, you, mode, byLink }))).toEqual([
      { name: "Lea", you: false, mode: "control", byLink: false },
      { name: "Lea", you: false, mode: "control", byLink: false },
      { name: "Ben", you: true, mode: "view", byLink: false },
    ]);
  });

  it("never goes to two who open at the same instant", async () => {
    const modes = await Promise.all([lea, ben, lea, ben].map(async (actor) => [actor.name, (await open(actor)).mode] as const));
    expect(new Set(modes.filter(([, mode]) => mode === "control").map(([name]) => name)).size).toBe(1);
  });

  it("outlives a reconnect and is free when its holder has left", async () => {
    const first = await open(lea);
    now += 60_000;
    await tell(first.url, "closed");
    now += 10_000;
    expect((await open(ben)).mode).toBe("view");
    now += 10_000;
    expect((await as(ben).console.room({ instanceId })).holder).toBeNull();
    await as(ben).console.askControl({ instanceId });
    expect((await as(ben).console.room({ instanceId })).holder).toMatchObject({ you: true });
    expect((await open(lea)).mode).toBe("view");
  });

  it("is let go when its relay has died, and not because the centre was away", async () => {
    await open(lea);
    const task = silentRelays();
    const look = () => task.run({ db: database.db, now: () => now });
    const viewers = async () => (await as(ben).console.room({ instanceId })).viewers.length;
    const renew = () => {
      centre.clock.now = now;
      return centre.ask("renewLeases", { relayName: "test", hosts: [] });
    };
    // A leader that has just begun cannot tell a dead relay from one that had nobody to tell.
    now += 3_000_000;
    await look();
    expect(await viewers()).toBe(1);
    await renew();
    now += 60_000;
    await look();
    expect(await viewers()).toBe(1);
    now += 1_000;
    await look();
    expect(await viewers()).toBe(0);
    now += 20_000;
    expect((await as(ben).console.room({ instanceId })).holder).toBeNull();
  });

  it("passes when the holder hands it over, and their streams that type are ended", async () => {
    await open(lea);
    await open(ben);
    await as(ben).console.askControl({ instanceId });
    expect((await as(lea).console.room({ instanceId })).asked).toEqual({ name: "Ben", you: false, inMs: 15_000 });
    await as(lea).console.answerControl({ instanceId, give: true });
    expect(centre.relay.ended).toEqual([
      expect.objectContaining({ instanceId, userId: lea.userId, mode: "control", code: CONSOLE_CLOSE.controlPassed }),
    ]);
    expect((await open(ben)).mode).toBe("control");
    expect((await open(lea)).mode).toBe("view");
    expect(await database.db.auditEvent.findFirst({ where: { action: "instance.console.control" } })).toMatchObject({
      actorId: lea.userId,
      detail: { from: lea.userId, to: ben.userId, how: "given" },
    });
  });

  it("stays where it is kept, and passes after 15 s without an answer", async () => {
    await open(lea);
    await open(ben);
    await as(ben).console.askControl({ instanceId });
    await as(lea).console.answerControl({ instanceId, give: false });
    await expect(as(ben).console.claimControl({ instanceId })).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
    await as(ben).console.askControl({ instanceId });
    now += 14_999;
    await expect(as(ben).console.claimControl({ instanceId })).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
    expect(centre.relay.ended).toEqual([]);
    now += 1;
    await as(ben).console.claimControl({ instanceId });
    expect((await as(lea).console.room({ instanceId })).holder).toMatchObject({ name: "Ben" });
    expect(centre.relay.ended).toHaveLength(1);
    await expect(as(lea).console.answerControl({ instanceId, give: false })).rejects.toMatchObject({ code: "PRECONDITION_FAILED" });
  });

  it("is asked for by one at a time", async () => {
    const eva = await makeUser(database.db, { name: "Eva", grants: lea.grants.map(({ organizationId }) => [organizationId, "operator"]) });
    await open(lea);
    await as(ben).console.askControl({ instanceId });
    await expect(as(eva).console.askControl({ instanceId })).rejects.toMatchObject({ code: "CONFLICT" });
    now += 30_000;
    // Ben has gone: nobody is asked for him any more.
    expect((await as(lea).console.room({ instanceId })).asked).toBeNull();
    await as(eva).console.askControl({ instanceId });
    expect((await as(lea).console.room({ instanceId })).asked).toMatchObject({ name: "Eva" });
  });

  it("is nobody's any more whose streams went with their relay", async () => {
    await open(lea);
    now += 60_000;
    centre.clock.now = now;
    await centre.registerRelay();
    expect(await as(ben).console.room({ instanceId })).toMatchObject({ viewers: [], holder: null });
  });
});

describe("a link to watch", () => {
  const share = () => as(lea).console.createShare({ instanceId, minutes: 60, label: "Ben of the supplier" });
  const tokenIn = (link: string) => new URL(link).pathname.split("/").at(-1) ?? "";

  it("opens this console to look, for nobody in particular, until it expires; only its hash is kept", async () => {
    const { link, share: made } = await share();
    const token = tokenIn(link);
    expect(JSON.stringify(await database.db.consoleShare.findMany())).not.toContain(token);
    expect(await as(null).share.lookup({ token })).toMatchObject({ instanceId, state: "running", sharedBy: "Lea", refusal: null });
    const access = await as(null).share.open({ token, kind: "serial" });
    const { ticket } = ticketIn(access.url);
    expect(ticket).toMatchObject({ mode: "view", kind: "serial", shareId: made.id, userId: lea.userId, endsAt: now + 3_600_000 });
    await tell(access.url, "opened");
    const room = await as(lea).console.room({ instanceId });
    expect(room.viewers).toMatchObject([{ name: "Ben of the supplier", byLink: true, you: false, mode: "view" }]);
    expect(room.holder).toBeNull();
    expect(await database.db.auditEvent.findFirst({ where: { action: "instance.console.opened" } })).toMatchObject({
      actorId: null,
      detail: { shareId: made.id, mode: "view" },
    });
    now += 3_600_000;
    await expect(as(null).share.lookup({ token })).rejects.toMatchObject({ cause: { code: "token_expired" } });
    await expect(as(null).share.open({ token, kind: "vnc" })).rejects.toMatchObject({ cause: { code: "token_expired" } });
  });

  it("is worth nothing once it was taken back, and what it opened is ended", async () => {
    const { link, share: made } = await share();
    expect(await as(ben).console.shares({ instanceId })).toMatchObject([{ id: made.id, label: "Ben of the supplier", createdBy: "Lea" }]);
    await as(ben).console.revokeShare({ shareId: made.id });
    expect(centre.relay.ended).toEqual([expect.objectContaining({ shareId: made.id, code: CONSOLE_CLOSE.shareEnded })]);
    await expect(as(null).share.open({ token: tokenIn(link), kind: "vnc" })).rejects.toMatchObject({ cause: { code: "token_invalid" } });
    expect(await as(lea).console.shares({ instanceId })).toEqual([]);
    await expect(as(ben).console.revokeShare({ shareId: made.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("goes with its maker's right", async () => {
    const { link } = await share();
    await database.db.grant.updateMany({ where: { userId: lea.userId }, data: { role: "viewer" } });
    await expect(as(null).share.open({ token: tokenIn(link), kind: "vnc" })).rejects.toMatchObject({ cause: { code: "token_invalid" } });
    await database.db.grant.updateMany({ where: { userId: lea.userId }, data: { role: "operator" } });
    await database.db.user.update({ where: { id: lea.userId }, data: { disabledAt: new Date(now) } });
    await expect(as(null).share.lookup({ token: tokenIn(link) })).rejects.toMatchObject({ cause: { code: "token_invalid" } });
  });

  it("opens nothing with another's or no token", async () => {
    await share();
    for (const token of ["", "x", "a".repeat(43)]) await expect(as(null).share.lookup({ token })).rejects.toThrow();
  });

  it("takes no control, whoever holds it or not", async () => {
    const { link } = await share();
    const access = await as(null).share.open({ token: tokenIn(link), kind: "vnc" });
    expect(access.mode).toBe("view");
    expect(await database.db.consoleControl.count()).toBe(0);
  });
});
