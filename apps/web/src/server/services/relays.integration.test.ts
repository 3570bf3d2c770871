import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RelayList } from "@indium/contract/relays";
import { openEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair, type KeyPair, publicKeyToPem } from "@indium/tunnel/keys";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FACTS, type FakeHost, seedOrganization, startTestCentre, type TestCentre } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { relaysToDial } from "./relays";

let database: TestDatabase;
let centre: TestCentre;
const other = generateSigningKeyPair();
beforeAll(async () => {
  database = await startTestDatabase();
  centre = await startTestCentre(database);
  await writeFile(join(centre.keysDir, "relays", "other.pub"), publicKeyToPem("ed25519", other.publicKey));
});
afterAll(async () => {
  await centre?.stop();
  await database?.stop();
});
beforeEach(async () => {
  await database.reset();
  await centre.registerRelay();
});

const register = (key: KeyPair, name: string, publicUrl?: string) =>
  centre.askAs(key, "registerRelay", {
    ...{ name, publicKey: key.publicKey, rpcUrl: `http://127.0.0.1:1/${name}`, startedAt: centre.clock.now },
    ...(publicUrl === undefined ? {} : { publicUrl }),
  });
const renew = (key: KeyPair, relayName: string, more: { draining?: boolean; relaysRevision?: string; hosts?: FakeHost[] } = {}) => {
  const { hosts = [], ...rest } = more;
  return centre.askAs(key, "renewLeases", {
    ...{ relayName, hosts: hosts.map(({ id, linkEpoch }) => ({ hostId: id, linkEpoch })) },
    ...rest,
  });
};
const USAGE = {
  at: 1_000,
  cpuFraction: 0.5,
  memoryUsedBytes: 1,
  storageUsedBytes: 1,
  networkReceivedBytesPerSecond: 0,
  networkSentBytesPerSecond: 0,
  instances: [],
};
const names = async () => (await relaysToDial(database.db, centre.clock.now)).map((relay) => relay.name);

describe("the list of relays", () => {
  it("is signed, told to a relay that has another, and to nobody where no relay says where it is", async () => {
    expect((await renew(centre.relayKey, "test")).relays).toBeUndefined();
    await register(other, "other", "https://other.example:7780");
    const { relays } = await renew(centre.relayKey, "test");
    const list = openEnvelope(relays?.list, { purpose: "relay-list", publicKeys: [centre.signer.publicKey], schema: RelayList });
    expect(list).toEqual({ issuedAt: centre.clock.now, relays: [{ name: "other", url: "https://other.example:7780" }] });
    expect((await renew(centre.relayKey, "test", { relaysRevision: relays?.revision ?? "" })).relays).toBeUndefined();
    await register(centre.relayKey, "test", "http://127.0.0.1:7780");
    expect((await renew(other, "other", { relaysRevision: relays?.revision ?? "" })).relays?.revision).not.toBe(relays?.revision);
  });

  it("leaves out who drains, until it has started again, and who was silent for a day", async () => {
    await register(other, "other", "https://other.example");
    await register(centre.relayKey, "test", "https://test.example");
    expect(await names()).toEqual(["other", "test"]);
    await renew(other, "other", { draining: true });
    expect(await names()).toEqual(["test"]);
    // The last ones there are stay: hosts must not be told that there is none.
    await renew(centre.relayKey, "test", { draining: true });
    expect(await names()).toEqual(["other", "test"]);
    await register(other, "other", "https://other.example");
    expect(await names()).toEqual(["other"]);
    await register(centre.relayKey, "test", "https://test.example");
    centre.clock.now += 86_000_000;
    await renew(other, "other");
    centre.clock.now += 1_000_000;
    expect(await names()).toEqual(["other"]);
  });

  it("takes no address that is more than an origin", async () => {
    for (const url of ["https://other.example/path", "https://user@other.example", "ftp://other.example", "https://other.example?x=1"])
      await expect(register(other, "other", url)).rejects.toMatchObject({ code: "bad_request" });
  });
});

describe("two relays that claim one host", () => {
  it("the newer link counts: the older one's leases, reports, usage and end are worth nothing", async () => {
    const { organizationId, siteId } = await seedOrganization(database);
    await register(other, "other", "https://other.example");
    const host = await centre.addHost(organizationId, siteId);
    const old = { hostId: host.id, linkEpoch: host.linkEpoch };
    const late = host.batch(centre.clock.now, [{ kind: "host.facts", facts: FACTS }]);
    const { nonce } = await centre.askAs(other, "linkNonce", { relayName: "other", publicKey: host.key.publicKey });
    const claim = await centre.askAs(other, "connectHost", host.linkProof("other", nonce));
    expect(claim.linkEpoch).toBe(old.linkEpoch + 1);

    expect((await renew(centre.relayKey, "test", { hosts: [host] })).lost).toEqual([host.id]);
    await expect(centre.ask("ingestReports", late)).rejects.toMatchObject({ code: "conflict" });
    await centre.ask("ingestUsage", { samples: [host.usage(1, USAGE)] });
    await centre.ask("disconnectHost", old);
    // Nor does it help to name the epoch that it does not hold.
    await centre.ask("disconnectHost", { ...old, linkEpoch: claim.linkEpoch });
    const row = await database.db.host.findUniqueOrThrow({ where: { id: host.id } });
    expect(row).toMatchObject({ relayName: "other", relayUrl: "http://127.0.0.1:1/other", linkEpoch: claim.linkEpoch, usage: null });
    expect(row.leaseExpiresAt?.getTime()).toBe(centre.clock.now + 15_000);

    host.linkEpoch = claim.linkEpoch;
    expect((await renew(other, "other", { hosts: [host] })).lost).toEqual([]);
    expect(
      (await centre.askAs(other, "ingestReports", host.batch(centre.clock.now, [{ kind: "host.facts", facts: FACTS }]))).ack.purpose,
    ).toBe("report-ack");
  });
});
