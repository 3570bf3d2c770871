import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InstanceCreateInput } from "@indium/contract/api/instance-views";
import type { ConsoleTicket } from "@indium/contract/console";
import type { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { signEnvelope } from "@indium/tunnel/envelope";
import { signHostReply } from "@indium/tunnel/host-reply";
import { generateSigningKeyPair, type KeyPair, publicKeyToPem } from "@indium/tunnel/keys";
import { signHostProof } from "@indium/tunnel/link-proof";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { serialTail } from "./hosts/host-calls";
import { pushDocument } from "./reconcile/push-document";
import { createInstance } from "./services/instances-create";
import { signTicket } from "./services/signing";
import { type FakeHost, seedOrganization, startTestCentre, type TestCentre } from "./test-centre";
import { startTestDatabase, type TestDatabase } from "./test-database";

/**
 * A relay whose key is in the wrong hands, against the real internal API over a real Postgres. It is called "test", has its key and its
 * certificate, holds a host that dialled it, and tries what it likes. "oslo" is an honest one that holds another host.
 */
let database: TestDatabase;
let centre: TestCentre;
let seed: Awaited<ReturnType<typeof seedOrganization>>;
/** Linked to the stolen relay. */
let held: FakeHost;
/** Linked to oslo. */
let elsewhere: FakeHost;
const oslo = generateSigningKeyPair();
const stranger = generateSigningKeyPair();

beforeAll(async () => {
  database = await startTestDatabase();
  centre = await startTestCentre(database);
  await writeFile(join(centre.keysDir, "relays", "oslo.pub"), publicKeyToPem("ed25519", oslo.publicKey));
});
afterAll(async () => {
  await centre?.stop();
  await database?.stop();
});
beforeEach(async () => {
  await database.reset();
  centre.relay.state.forge = null;
  await centre.registerRelay();
  const address = { rpcUrl: "http://127.0.0.1:9", startedAt: centre.clock.now };
  await centre.askAs(oslo, "registerRelay", { name: "oslo", publicKey: oslo.publicKey, ...address });
  seed = await seedOrganization(database);
  held = await centre.addHost(seed.organizationId, seed.siteId);
  elsewhere = await centre.addHost(seed.organizationId, seed.siteId, { hostname: "lab-2" });
  await linkAt(oslo, "oslo", elsewhere);
});

async function linkAt(relay: KeyPair, relayName: string, host: FakeHost) {
  const { nonce } = await centre.askAs(relay, "linkNonce", { relayName, publicKey: host.key.publicKey });
  const proof = host.linkProof(relayName, nonce);
  const { linkEpoch } = await centre.askAs(relay, "connectHost", proof);
  host.linkEpoch = linkEpoch;
  return proof;
}

const rowOf = (host: FakeHost) => database.db.host.findUniqueOrThrow({ where: { id: host.id } });
const told = async (host: FakeHost) =>
  (await database.db.hostEvent.findMany({ where: { hostId: host.id, code: "relay_forgery" } })).map((event) => event.message);
const audited = () => database.db.auditEvent.count({ where: { action: "relay.forgery", result: "denied" } });
async function running(): Promise<InstanceId> {
  const form = { organizationId: seed.organizationId, name: "web-1", imageId: seed.imageId, sizeId: seed.sizeId, hostId: held.id };
  const input = InstanceCreateInput.parse({ ...form, requestKey: newId("request") });
  const { db, keyring } = centre;
  const { instanceId } = await createInstance({ db, keyring, actorId: null, nowMs: centre.clock.now }, input);
  await pushDocument(centre.push, held.id);
  await centre.report(held, held.observes(instanceId, "running"));
  return instanceId as InstanceId;
}

describe("a host that only stands by at it", () => {
  const standbyProof = async () => {
    const { nonce } = await centre.ask("linkNonce", { relayName: "test", publicKey: elsewhere.key.publicKey });
    return elsewhere.linkProof("test", nonce, "standby");
  };

  it("is not its to claim: the proof is of another text, and nothing is written for it", async () => {
    const before = await rowOf(elsewhere);
    const proof = await standbyProof();
    expect(await centre.ask("standbyHost", proof)).toEqual({ hostId: elsewhere.id });
    expect(await rowOf(elsewhere)).toEqual(before);
    await expect(centre.ask("connectHost", proof)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await rowOf(elsewhere)).toMatchObject({ relayName: "oslo", linkEpoch: before.linkEpoch });
    expect(await told(elsewhere)).toHaveLength(1);
    // Nor does a link's proof, another relay's, or one of before a link, stand by.
    const { nonce } = await centre.ask("linkNonce", { relayName: "test", publicKey: elsewhere.key.publicKey });
    await expect(centre.ask("standbyHost", elsewhere.linkProof("test", nonce))).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(centre.askAs(oslo, "standbyHost", proof)).rejects.toMatchObject({ code: "forbidden" });
    await linkAt(oslo, "oslo", elsewhere);
    await expect(centre.ask("standbyHost", proof)).rejects.toMatchObject({ code: "conflict" });
  });

  it("and is removed is named to it at its next renewal", async () => {
    const renew = () => centre.ask("renewLeases", { relayName: "test", hosts: [], standbys: [elsewhere.id, held.id] });
    expect((await renew()).removed).toBeUndefined();
    await database.db.host.update({ where: { id: elsewhere.id }, data: { revokedAt: new Date() } });
    expect((await renew()).removed).toEqual([elsewhere.id]);
    await expect(centre.ask("standbyHost", await standbyProof())).rejects.toMatchObject({ code: "host_revoked" });
  });
});

describe("reports in a host's name", () => {
  it("are refused unless the host signed them, and the host's page says who tried", async () => {
    const id = await running();
    const off = held.observes(id, "stopped", { guestPoweredOff: true });
    const honest = held.batch(centre.clock.now, [held.observes(id, "running")]);
    const payload = JSON.stringify({ ...JSON.parse(honest.reports.payload), items: [{ seq: held.seq, at: 1, body: off }] });
    for (const reports of [
      signEnvelope("host-report", JSON.parse(payload), centre.relayKey.privateKey),
      signEnvelope("host-report", JSON.parse(payload), elsewhere.key.privateKey),
      { ...honest.reports, payload },
      { ...honest.reports, signature: "" },
      signEnvelope("host-usage", JSON.parse(payload), held.key.privateKey),
      // Of a machine that was enrolled before, with the same key, as another host.
      signEnvelope("host-report", { ...JSON.parse(payload), hostId: elsewhere.id }, held.key.privateKey),
      // Rightly signed by its own host, and handed in as another's.
      elsewhere.batch(centre.clock.now, [off as never]).reports,
    ])
      await expect(centre.send({ ...honest, reports })).rejects.toMatchObject({ code: "signature_invalid" });
    const row = await database.db.instance.findUniqueOrThrow({ where: { id }, include: { runtime: true } });
    expect(row).toMatchObject({ desired: "running", runtime: { observedState: "running" } });
    expect(await told(held)).toEqual([expect.stringMatching(/^Relay test handed in reports in this host's name/)]);
    expect(await audited()).toBe(1);
    // The host's own still counts.
    expect(await centre.send(honest)).toMatchObject({ hostId: held.id, linkEpoch: held.linkEpoch, ackedSeq: held.seq });
  });

  it("of before change nothing when they are shown again, not of an earlier link and not of a lost ledger", async () => {
    const id = await running();
    const stopped = held.batch(centre.clock.now, [held.observes(id, "stopped")]);
    await centre.send(stopped);
    await centre.report(held, held.observes(id, "running"));
    const state = async () => (await database.db.instanceRuntime.findUniqueOrThrow({ where: { instanceId: id } })).observedState;
    expect(await centre.send(stopped), "within the link").toMatchObject({ ackedSeq: held.seq });
    expect(await state()).toBe("running");
    await centre.connect(held);
    const again = { ...stopped, linkEpoch: held.linkEpoch };
    await expect(centre.send(again), "after it").rejects.toMatchObject({ code: "signature_invalid" });
    // The host has lost its state and begun a new ledger: the old one's reports must not look like news.
    held.ledgerId = newId("ledger");
    held.seq = 0;
    await centre.report(held, held.observes(id, "running"));
    await expect(centre.send(again), "from another ledger").rejects.toMatchObject({ code: "signature_invalid" });
    expect(await state()).toBe("running");
    expect(await rowOf(held)).toMatchObject({ ledgerId: held.ledgerId, ackedSeq: 1n });
    expect(await told(held)).toHaveLength(1);
  });

  it("of hosts that another relay holds are refused even rightly signed", async () => {
    await expect(centre.send(elsewhere.batch(centre.clock.now, [held.observes(newId("instance"), "running")]))).rejects.toMatchObject({
      code: "conflict",
    });
  });
});

describe("a host that never dialled it", () => {
  it("is not taken over without its proof, or with one that it gave to another relay or for an earlier link", async () => {
    const given = await linkAt(oslo, "oslo", elsewhere);
    const { publicKey } = elsewhere.key;
    const before = await rowOf(elsewhere);
    const { nonce } = await centre.ask("linkNonce", { relayName: "test", publicKey });
    const own = { ...given, relayName: "test", nonce };
    for (const [claim, code] of [
      [{ ...own, signature: signHostProof(own, centre.relayKey.privateKey) }, "unauthenticated"],
      [{ ...own, signature: given.signature }, "unauthenticated"],
      [{ ...given, relayName: "test" }, "unauthenticated"],
      [given, "forbidden"],
    ] as const)
      await expect(centre.ask("connectHost", claim)).rejects.toMatchObject({ code });
    expect(await told(elsewhere)).toEqual([expect.stringMatching(/^Relay test claimed that this host had linked to it/)]);
    expect(await rowOf(elsewhere)).toMatchObject({ relayName: "oslo", linkEpoch: before.linkEpoch });
  });

  it("is not kept with a proof of when it did dial it: neither at once, nor later", async () => {
    const { nonce } = await centre.ask("linkNonce", { relayName: "test", publicKey: held.key.publicKey });
    const kept = held.linkProof("test", nonce);
    // The host gave up on this relay, and has linked to the honest one.
    await linkAt(oslo, "oslo", held);
    await expect(centre.ask("connectHost", kept)).rejects.toMatchObject({ code: "conflict" });
    centre.clock.now += 60_000;
    await expect(centre.ask("connectHost", kept)).rejects.toMatchObject({ code: "conflict" });
    // A nonce of its own making, which a host that dials it would sign.
    await expect(centre.ask("connectHost", held.linkProof("test", Buffer.alloc(32, 1).toString("base64")))).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await rowOf(held)).toMatchObject({ relayName: "oslo" });
    expect(await told(held)).toHaveLength(1);
  });

  it("is linked once by one proof", async () => {
    const { nonce } = await centre.ask("linkNonce", { relayName: "test", publicKey: held.key.publicKey });
    const proof = held.linkProof("test", nonce);
    // Both have read the same epoch before either writes.
    const { db } = database;
    const waiting = async () => {
      const [row] = await db.$queryRaw<{ count: bigint }[]>`SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      return Number(row?.count ?? 0);
    };
    const answers = await db
      .$transaction(
        async (tx) => {
          await tx.$queryRaw`SELECT id FROM "Host" WHERE id = ${held.id} FOR UPDATE`;
          const both = Promise.allSettled([centre.ask("connectHost", proof), centre.ask("connectHost", proof)]);
          await expect.poll(waiting, { timeout: 30_000 }).toBe(2);
          return { both };
        },
        { timeout: 60_000 },
      )
      .then(({ both }) => both);
    expect(answers.map((answer) => answer.status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("keeps its lease, which this relay neither extends nor ends", async () => {
    const { leaseExpiresAt } = await rowOf(elsewhere);
    const theirs = { hostId: elsewhere.id, linkEpoch: elsewhere.linkEpoch };
    centre.clock.now += 1_000;
    expect(await centre.ask("renewLeases", { relayName: "test", hosts: [theirs] })).toMatchObject({ lost: [elsewhere.id] });
    await centre.ask("disconnectHost", theirs);
    expect(await rowOf(elsewhere)).toMatchObject({ relayName: "oslo", leaseExpiresAt });
    await expect(centre.ask("renewLeases", { relayName: "oslo", hosts: [theirs] })).rejects.toMatchObject({ code: "forbidden" });
    await expect(centre.askAs(stranger, "renewLeases", { relayName: "test", hosts: [] })).rejects.toMatchObject({
      code: "signature_invalid",
    });
  });

  it("tells nobody without its key whether it is enrolled", async () => {
    const { nonce } = await centre.ask("linkNonce", { relayName: "test", publicKey: stranger.publicKey });
    expect(Buffer.from(nonce, "base64")).toHaveLength(32);
  });
});

it("measures nothing in a host's name", async () => {
  const usage = {
    at: 1,
    cpuFraction: 0.5,
    memoryUsedBytes: 1,
    storageUsedBytes: 1,
    networkReceivedBytesPerSecond: 0,
    networkSentBytesPerSecond: 0,
    instances: [],
  };
  const honest = held.usage(1, usage);
  const forged = signEnvelope("host-usage", { ...JSON.parse(honest.usage.payload), number: 2 }, centre.relayKey.privateKey);
  const samples = [
    { ...honest, usage: forged },
    { ...honest, usage: { ...honest.usage, payload: honest.usage.payload.replace("0.5", "0.9") } },
    { ...honest, usage: elsewhere.usage(1, usage).usage },
    { ...honest, usage: signEnvelope("host-usage", { ...JSON.parse(honest.usage.payload), linkEpoch: 77 }, held.key.privateKey) },
    { ...honest, usage: signEnvelope("host-usage", { ...JSON.parse(honest.usage.payload), hostId: elsewhere.id }, held.key.privateKey) },
    elsewhere.usage(1, usage),
  ];
  await centre.ask("ingestUsage", { samples });
  expect([(await rowOf(held)).usage, (await rowOf(elsewhere)).usage]).toEqual([null, null]);
  expect(await told(held)).toEqual([expect.stringMatching(/^Relay test handed in measurements/)]);
  await centre.ask("ingestUsage", { samples: [honest] });
  expect((await rowOf(held)).usage).toEqual(usage);
});

describe("answers in a host's name", () => {
  const accepted = { ok: true, result: { accepted: true, generation: 1_000 } } as const;
  const forgeries: Record<string, (honest: SignedEnvelope, host: FakeHost) => unknown> = {
    unsigned: () => accepted.result,
    "signed by the relay": (honest, host) => signHostReply(honest, accepted, { hostId: host.id, privateKey: centre.relayKey.privateKey }),
    altered: (honest) => ({ ...honest, payload: honest.payload.replace("true", "false") }),
    "of another host": (honest) => signHostReply(honest, accepted, { hostId: elsewhere.id, privateKey: elsewhere.key.privateKey }),
  };

  it.each(Object.keys(forgeries))("are not believed when they are %s", async (name) => {
    await running();
    const { acceptedGeneration } = await rowOf(held);
    const forge = forgeries[name];
    if (forge === undefined) throw new Error(name);
    centre.relay.state.forge = forge;
    await expect(pushDocument(centre.push, held.id)).rejects.toMatchObject({ code: "signature_invalid" });
    await expect(serialTail(centre, held.id, { instanceId: newId("instance"), bytes: 10 })).rejects.toMatchObject({
      code: "signature_invalid",
      message: expect.stringContaining("lab-1"),
    });
    expect((await rowOf(held)).acceptedGeneration).toBe(acceptedGeneration);
    expect(await told(held)).toEqual([expect.stringMatching(/^Relay test gave an answer in this host's name/)]);
  });

  it("to an earlier question are no answer to this one", async () => {
    const answers: SignedEnvelope[] = [];
    centre.relay.state.forge = (honest) => {
      answers.push(honest);
      return answers[0];
    };
    const ask = () => serialTail(centre, held.id, { instanceId: newId("instance"), bytes: 10 });
    expect(await ask()).toEqual({ text: "login: ", totalBytes: 7 });
    await expect(ask()).rejects.toMatchObject({ code: "signature_invalid" });
  });

  it("that are errors of the relay's own reach no page in its words", async () => {
    centre.relay.state.forge = () => {
      throw new AppError("precondition_failed", "Call 0900-123 and read out your password.");
    };
    const error = await serialTail(centre, held.id, { instanceId: newId("instance"), bytes: 10 }).catch(
      (thrown: AppError) => thrown.message,
    );
    expect(error).toContain("Host lab-1 could not be asked");
    expect(error).not.toContain("0900");
  });
});

describe("console events", () => {
  const ticketFor = (relayName: string, instanceId: InstanceId, hostId = held.id): ConsoleTicket => ({
    id: newId("ticket"),
    instanceId,
    hostId,
    userId: newId("user"),
    relayName,
    kind: "vnc",
    mode: "control",
    issuedAt: centre.clock.now,
    expiresAt: centre.clock.now + 30_000,
  });
  const consoles = () => database.db.auditEvent.count({ where: { action: { startsWith: "instance.console." } } });
  const event = (ticket: SignedEnvelope) => ({ ticket, event: "opened" as const, reason: null, bytesOut: 0 });

  it("of others' tickets, and of tickets of its own making, are refused", async () => {
    const id = await running();
    const theirs = signTicket(centre.signer, ticketFor("oslo", id));
    await expect(centre.ask("consoleEvent", event(theirs))).rejects.toMatchObject({ code: "forbidden" });
    const own = signEnvelope("console-ticket", ticketFor("test", id), centre.relayKey.privateKey);
    await expect(centre.ask("consoleEvent", event(own))).rejects.toMatchObject({ code: "forbidden" });
    expect(await consoles()).toBe(0);
    expect(await told(held)).toEqual([expect.stringContaining("told of a console of this host whose ticket is not its own")]);
  });

  it("of its own tickets are taken once each, in the name of whom the ticket was for", async () => {
    const id = await running();
    const ticket = ticketFor("test", id);
    for (const _twice of [1, 2]) await centre.ask("consoleEvent", event(signTicket(centre.signer, ticket)));
    expect(await database.db.auditEvent.findMany({ where: { action: "instance.console.opened" } })).toEqual([
      expect.objectContaining({ actorId: ticket.userId, targetId: id }),
    ]);
    expect(await audited()).toBe(0);
  });
});

it("does not fill the host's page with what it tries again and again, and is told of again after an hour", async () => {
  const honest = held.batch(centre.clock.now, []);
  const forged = { ...honest, reports: signEnvelope("host-report", {}, stranger.privateKey) };
  for (let attempt = 0; attempt < 20; attempt++) await expect(centre.send(forged)).rejects.toThrow();
  expect([(await told(held)).length, await audited()]).toEqual([1, 1]);
  centre.clock.now += 3_700_000;
  await expect(centre.send(forged)).rejects.toThrow();
  expect([(await told(held)).length, await audited()]).toEqual([2, 2]);
});
