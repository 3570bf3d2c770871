import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OverlayGrant } from "@indium/contract/overlay";
import { openEnvelope, signEnvelope } from "@indium/tunnel/envelope";
import { generateSealingKeyPair, generateSigningKeyPair, publicKeyToPem } from "@indium/tunnel/keys";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type FakeHost, seedOrganization, startTestCentre, type TestCentre } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, makeUser } from "../test-fixtures";
import { buildDocument, HOST_CHANNEL } from "./host-documents";
import { removeHost } from "./hosts";

let database: TestDatabase;
let centre: TestCentre;
let seed: Awaited<ReturnType<typeof seedOrganization>>;
let [a, b]: FakeHost[] = [];
const relayTunnel = generateSealingKeyPair().publicKey;
const endpoint = "relay.example:7785";
const USAGE = {
  ...{ at: 1, cpuFraction: 0.5, memoryUsedBytes: 1, storageUsedBytes: 1, networkReceivedBytesPerSecond: 0, networkSentBytesPerSecond: 0 },
  instances: [],
};

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
  seed = await seedOrganization(database);
  await register();
  a = await centre.addHost(seed.organizationId, seed.siteId);
  b = await centre.addHost(seed.organizationId, seed.siteId, { hostname: "lab-2" });
});

const register = (overlay: { publicKey: string; endpoint: string } | undefined = { publicKey: relayTunnel, endpoint }) =>
  centre.ask("registerRelay", {
    ...{ name: "test", publicKey: centre.relayKey.publicKey, rpcUrl: centre.relay.url, startedAt: centre.clock.now },
    ...(overlay === undefined ? {} : { overlay }),
  });
const hosts = (): [FakeHost, FakeHost] => {
  if (a === undefined || b === undefined) throw new Error("no hosts");
  return [a, b];
};
const offer = (host: FakeHost, publicKey: string, change: { linkEpoch?: number; hostId?: string } = {}) =>
  signEnvelope("overlay-offer", { hostId: host.id, linkEpoch: host.linkEpoch, publicKey, ...change }, host.key.privateKey);
const joinAs = (host: FakeHost, envelope = offer(host, generateSealingKeyPair().publicKey)) =>
  centre.ask("joinOverlay", { hostId: host.id, linkEpoch: host.linkEpoch, offer: envelope });
const forgeries = (host: FakeHost) => database.db.hostEvent.count({ where: { hostId: host.id, code: "relay_forgery" } });
const codeOf = (promise: Promise<unknown>) => promise.then(() => "succeeded").catch((thrown: { code?: string }) => thrown.code);

it("gives each side its address, once, and tells the host by the centre's signature by what key it knows its relay", async () => {
  const { overlay } = await register();
  const [first, second] = hosts();
  const { publicKey } = generateSealingKeyPair();
  const joined = await joinAs(first, offer(first, publicKey));
  const grant = openEnvelope(joined.grant, { purpose: "overlay-grant", publicKeys: [centre.signer.publicKey], schema: OverlayGrant });
  expect(grant).toEqual({
    ...{ hostId: first.id, linkEpoch: first.linkEpoch, relayName: "test", publicKey, address: joined.address, prefix: overlay?.prefix },
    relay: { publicKey: relayTunnel, address: overlay?.address, endpoint },
  });
  const other = await joinAs(second);
  expect(new Set([joined.address, other.address, overlay?.address]).size).toBe(3);
  // The same after another link, another registration, another key.
  await centre.connect(first);
  expect((await register()).overlay).toEqual(overlay);
  expect((await joinAs(first)).address).toBe(joined.address);
});

it("takes no key that the host did not sign for its present link: a relay that puts its own in its place is found out", async () => {
  const [host] = hosts();
  const { publicKey } = generateSealingKeyPair();
  const forged = signEnvelope("overlay-offer", { hostId: host.id, linkEpoch: host.linkEpoch, publicKey }, centre.relayKey.privateKey);
  expect(await codeOf(joinAs(host, forged))).toBe("signature_invalid");
  const changed = {
    ...offer(host, publicKey),
    payload: JSON.stringify({ hostId: host.id, linkEpoch: host.linkEpoch, publicKey: relayTunnel }),
  };
  expect(await codeOf(joinAs(host, changed))).toBe("signature_invalid");
  const kept = offer(host, publicKey);
  await centre.connect(host);
  expect(await codeOf(joinAs(host, kept))).toBe("signature_invalid");
  expect(await forgeries(host)).toBe(1);
  expect((await database.db.host.findUniqueOrThrow({ where: { id: host.id } })).overlayKey).toBeNull();
});

it("of a host that is linked elsewhere, or whose key another has, says no", async () => {
  const [first, second] = hosts();
  const oslo = generateSigningKeyPair();
  await writeFile(join(centre.keysDir, "relays", "oslo.pub"), publicKeyToPem("ed25519", oslo.publicKey));
  const asked = { hostId: first.id, linkEpoch: first.linkEpoch, offer: offer(first, relayTunnel) };
  // Keys of relays are read again at most once a second.
  await vi.waitFor(async () => expect(await codeOf(centre.askAs(oslo, "joinOverlay", asked))).toBe("conflict"), {
    timeout: 10_000,
    interval: 200,
  });
  const { publicKey } = generateSealingKeyPair();
  await joinAs(first, offer(first, publicKey));
  expect(await codeOf(joinAs(second, offer(second, publicKey)))).toBe("conflict");
  // Of a host that was removed it is free again: the machine was enrolled anew.
  await removeHost(database.db, { organizationId: seed.organizationId, hostId: first.id, actorId: null, nowMs: centre.clock.now }, false);
  expect((await joinAs(second, offer(second, publicKey))).publicKey).toBe(publicKey);
});

it("says where there is none: the relay has no overlay (any more), or is on the host's own machine", async () => {
  const [host] = hosts();
  await database.db.host.update({ where: { id: host.id }, data: { local: true } });
  expect(await codeOf(joinAs(host))).toBe("action_denied");
  await centre.registerRelay();
  expect(await codeOf(joinAs(hosts()[1]))).toBe("unsupported");
});

it("pairs of hosts are told to relays once both have an address, and revoked with the pair or the host", async () => {
  const [first, second] = hosts();
  const owner = await makeUser(database.db, { grants: [[seed.organizationId, "admin"]] });
  const api = callAs({ db: database.db, actor: owner });
  const pair = { hostId: first.id, peerId: second.id };
  const revision = async () => {
    const { overlayRevision } = await centre.ask("renewLeases", { relayName: "test", hosts: [] });
    return overlayRevision ?? -1;
  };
  let seen = await revision();
  const rises = async () => {
    const now = await revision();
    const risen = now > seen;
    seen = now;
    return risen;
  };
  expect(await api.host.allowPair(pair)).toMatchObject([{ hostId: second.id }]);
  expect(await rises()).toBe(true);
  expect((await centre.ask("overlayPairs", {})).pairs).toEqual([]);
  const addresses = [(await joinAs(first)).address, (await joinAs(second)).address].sort();
  expect(await rises()).toBe(true);
  const told = await centre.ask("overlayPairs", {});
  expect(told.revision).toBe(seen);
  expect(told.pairs.map((each) => [...each].sort())).toEqual([addresses]);
  // Said again, from the other side, it is the same pair.
  expect(await api.host.allowPair({ hostId: second.id, peerId: first.id })).toMatchObject([{ hostId: first.id }]);
  expect(await rises()).toBe(false);
  expect(await api.host.revokePair({ hostId: second.id, peerId: first.id })).toEqual([]);
  expect(await rises()).toBe(true);
  expect((await centre.ask("overlayPairs", {})).pairs).toEqual([]);
  await api.host.allowPair(pair);
  await rises();
  await removeHost(database.db, { organizationId: seed.organizationId, hostId: first.id, actorId: null, nowMs: centre.clock.now }, false);
  expect(await rises()).toBe(true);
  expect(await api.host.pairs({ hostId: second.id })).toEqual([]);
  const audited = await database.db.auditEvent.findMany({ where: { action: { in: ["host.allowPair", "host.revokePair"] } } });
  expect(audited.map(({ detail }) => detail)).toContainEqual({ peerId: second.id });
});

describe("direct tunnels", () => {
  const document = async (host: FakeHost) => buildDocument({ ...centre.push, nowMs: centre.clock.now }, host.id);
  const peersOf = async (host: FakeHost) => (await document(host))?.peers ?? [];
  const told = {
    kind: "overlay.candidates" as const,
    candidates: [{ kind: "lan" as const, endpoint: "10.0.0.2:4000" }],
    nat: "none" as const,
  };
  const api = async (role: "admin" | "viewer" = "admin") =>
    callAs({
      db: database.db,
      actor: await makeUser(database.db, { grants: [[seed.organizationId, role]] }),
      now: () => new Date(centre.clock.now),
    });

  it("tell each host of a pair who the other is and where it said it is, and none of them once the pair is revoked", async () => {
    const [first, second] = hosts();
    await joinAs(first);
    const { publicKey } = generateSealingKeyPair();
    const { address } = await joinAs(second, offer(second, publicKey));
    await centre.report(second, told);
    expect(await peersOf(first)).toEqual([]);
    const before = (await document(first))?.generation ?? 0;
    await (await api()).host.allowPair({ hostId: first.id, peerId: second.id });
    const { candidates, nat } = told;
    expect(await peersOf(first)).toEqual([{ hostId: second.id, name: expect.any(String), publicKey, address, candidates, nat }]);
    expect(await peersOf(second)).toMatchObject([{ hostId: first.id, candidates: [], nat: null }]);
    // An older document, in which there was no such pair or one, is refused by its generation.
    expect((await document(first))?.generation).toBe(before + 1);
    await (await api()).host.revokePair({ hostId: second.id, peerId: first.id });
    expect([await peersOf(first), await peersOf(second)]).toEqual([[], []]);
    expect((await document(first))?.generation).toBe(before + 2);
  });

  it("leave out who has not joined, and who was removed", async () => {
    const [first, second] = hosts();
    await (await api()).host.allowPair({ hostId: first.id, peerId: second.id });
    await joinAs(first);
    expect([await peersOf(first), (await peersOf(second)).length]).toEqual([[], 1]);
    await removeHost(database.db, { organizationId: seed.organizationId, hostId: first.id, actorId: null, nowMs: centre.clock.now }, false);
    expect(await peersOf(second)).toEqual([]);
  });

  it("send the other host its document when one tells something new, or has another key, and not otherwise", async () => {
    const [first, second] = hosts();
    await joinAs(first);
    await joinAs(second);
    await (await api()).host.allowPair({ hostId: first.id, peerId: second.id });
    // A ledger's first report sends the host itself everything.
    await centre.report(second, { ...told, candidates: [] });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query(`LISTEN ${HOST_CHANNEL}`);
      const signalled: string[] = [];
      client.on("notification", ({ payload }) => signalled.push(payload ?? ""));
      const during = async (change: () => Promise<unknown>) => {
        await change();
        await client.query("SELECT 1");
        return signalled.splice(0);
      };
      expect(await during(() => centre.report(second, told))).toEqual([first.id]);
      expect(await during(() => centre.report(second, told))).toEqual([]);
      expect(await during(() => centre.report(second, { ...told, nat: "changesPorts" }))).toEqual([first.id]);
      const { publicKey } = generateSealingKeyPair();
      expect(await during(() => joinAs(second, offer(second, publicKey)))).toEqual([first.id]);
      expect(await during(() => joinAs(second, offer(second, publicKey)))).toEqual([]);
    } finally {
      await client.end();
    }
  });

  it("show by which way each host says it reaches the other, while it says so", async () => {
    const [first, second] = hosts();
    await joinAs(first);
    await (await api()).host.allowPair({ hostId: first.id, peerId: second.id });
    const path = { since: 5, lastHandshakeAt: 6, heardAt: 7, roundTripMs: 0.4, via: { kind: "lan" as const, endpoint: "10.0.0.2:4000" } };
    const peers = [{ hostId: second.id, state: "direct" as const, reason: "direct" as const, ...path }];
    const usage = { ...USAGE, at: centre.clock.now, peers };
    await centre.ask("ingestUsage", { samples: [first.usage(1, usage)] });
    const viewer = await api("viewer");
    expect(await viewer.host.pairs({ hostId: first.id })).toMatchObject([
      { hostId: second.id, state: "online", onOverlay: { here: true, there: false }, path: peers[0], peerPath: null },
    ]);
    expect(await viewer.host.pairs({ hostId: second.id })).toMatchObject([{ path: null, peerPath: peers[0] }]);
    centre.clock.now += 60_000;
    expect(await (await api("viewer")).host.pairs({ hostId: first.id })).toMatchObject([{ state: "unreachable", path: null }]);
    await expect(viewer.host.revokePair({ hostId: first.id, peerId: second.id })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

it("is of two hosts of one organization", async () => {
  const [first] = hosts();
  const elsewhere = await seedOrganization(database, "Other");
  const stranger = await centre.addHost(elsewhere.organizationId, elsewhere.siteId, { hostname: "lab-3" });
  const owner = await makeUser(database.db, { grants: [[seed.organizationId, "owner"]] });
  const api = callAs({ db: database.db, actor: owner });
  await expect(api.host.allowPair({ hostId: first.id, peerId: stranger.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(api.host.allowPair({ hostId: first.id, peerId: first.id })).rejects.toMatchObject({ code: "BAD_REQUEST" });
});
