import type { OrganizationId } from "@indium/contract/ids";
import { GIB } from "@indium/contract/plain/bytes";
import { newId } from "@indium/contract/plain/ids";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, makeHost, makeImage, makeInstance, makeOrganization, makeUser } from "../test-fixtures";

const NOW = new Date("2026-11-21T12:00:00Z");
const inMs = (ms: number) => new Date(NOW.getTime() + ms);
const FACTS = { memoryBytes: 64 * GIB, storage: { sizeBytes: 1_000 } };

let test: TestDatabase;
let provider: OrganizationId;
let customer: OrganizationId;
let imageId: string;
beforeAll(async () => {
  test = await startTestDatabase();
});
afterAll(() => test?.stop());
beforeEach(async () => {
  provider = await makeOrganization(test.db, { isProvider: true });
  customer = await makeOrganization(test.db, { providerId: provider, name: `Bakery ${provider.slice(-5)}` });
  imageId = await makeImage(test.db);
});

const fleetOf = async (organizationId: OrganizationId, as: OrganizationId = organizationId) => {
  const actor = await makeUser(test.db, { grants: [[as, "viewer"]] });
  return callAs({ db: test.db, actor, now: () => NOW }).fleet.get({ organizationId });
};

async function hostIn(organizationId: OrganizationId, name: string, leaseMs: number | null, storageUsedBytes = 100): Promise<string> {
  const siteId = newId("site");
  await test.db.site.create({ data: { id: siteId, organizationId, name: `site of ${name}` } });
  const id = await makeHost(test.db, { organizationId, siteId, name });
  const lease = leaseMs === null ? {} : { leaseExpiresAt: inMs(leaseMs), lastSeenAt: inMs(leaseMs - 30_000) };
  await test.db.host.update({ where: { id }, data: { facts: FACTS, usage: { storageUsedBytes }, ...lease } });
  return id;
}

async function instanceOn(hostId: string | null, organizationId: OrganizationId, name: string, observed: object | null): Promise<string> {
  const id = await makeInstance(test.db, { organizationId, imageId, hostId, name });
  const runtime = { observedGeneration: 1, appliedGeneration: 99, observedAt: NOW, observedState: "running", ...observed };
  if (observed !== null) await test.db.instance.update({ where: { id }, data: { runtime: { create: runtime } } });
  return id;
}

describe("a fleet's health", () => {
  it("sums each site up, and counts instances that no host has too", async () => {
    const hostId = await hostIn(customer, "rack", 60_000);
    await instanceOn(hostId, customer, "a", {});
    await instanceOn(hostId, customer, "b", {});
    await instanceOn(hostId, customer, "c", { observedState: "stopped" });
    await instanceOn(null, customer, "waiting", null);
    const fleet = await fleetOf(customer);
    const memoryBytes = Number((await test.db.instance.findFirstOrThrow({ where: { name: "a", organizationId: customer } })).memoryBytes);
    expect(fleet.sites).toMatchObject([
      {
        siteName: "site of rack",
        hosts: { total: 1, online: 1, cordoned: 0 },
        memory: { allocated: 3 * memoryBytes, total: 64 * GIB },
        storage: { used: 100, total: 1_000 },
      },
    ]);
    expect(Object.fromEntries(fleet.sites[0]?.instances.map(({ state, count }) => [state, count]) ?? [])).toEqual({
      running: 2,
      stopped: 1,
    });
    expect(fleet.instances).toContainEqual({ state: "creating", count: 1 });
    expect(fleet).toMatchObject({ attention: [], attentionTotal: 0 });
  });

  it("names what needs a person, the gravest first, and not what a lost host said before it was lost", async () => {
    const online = await hostIn(customer, "good", 60_000);
    const lost = await hostIn(customer, "lost", -60_000);
    await hostIn(customer, "never-linked", null);
    await hostIn(customer, "full", 60_000, 950);
    await instanceOn(online, customer, "broken", { observedState: "failed", error: { code: "disk_full", message: "There is no room." } });
    await instanceOn(online, customer, "restarting", { observedState: "crashed" });
    await instanceOn(online, customer, "panicked", { findings: [{ kind: "kernel_panic", at: 1, boot: 1, excerpt: "" }] });
    await instanceOn(lost, customer, "failed-before", { observedState: "failed" });
    const fleet = await fleetOf(customer);
    expect(fleet.attention).toMatchObject([
      { kind: "hostUnreachable", hostName: "lost", instances: 1, since: inMs(-90_000) },
      { kind: "instanceFailed", instanceName: "broken", message: "There is no room.", siteName: "site of good" },
      { kind: "instanceCrashed", instanceName: "restarting" },
      { kind: "guestFinding", instanceName: "panicked", finding: "kernel_panic" },
      { kind: "storageLow", hostName: "full", usedBytes: 950, totalBytes: 1_000 },
    ]);
  });

  it("shows a bounded number and says how many there are", async () => {
    const hostId = await hostIn(customer, "bad", 60_000);
    for (let n = 0; n < 25; n++) await instanceOn(hostId, customer, `x${n}`, { observedState: "failed" });
    const fleet = await fleetOf(customer);
    expect(fleet.attention).toHaveLength(20);
    expect(fleet.attentionTotal).toBe(25);
  });

  it("reaches a provider's customers, and nobody else's organizations", async () => {
    const elsewhere = await makeOrganization(test.db);
    await hostIn(elsewhere, "foreign", -60_000);
    await hostIn(customer, "customers", -60_000);
    await hostIn(provider, "own", 60_000);
    const whole = await fleetOf(provider);
    expect(whole.sites.map((site) => [site.organizationId, site.siteName])).toEqual([
      [customer, "site of customers"],
      [provider, "site of own"],
    ]);
    expect(whole.attention).toMatchObject([{ kind: "hostUnreachable", organizationId: customer, hostName: "customers" }]);
    expect((await fleetOf(customer)).sites.map((site) => site.siteName)).toEqual(["site of customers"]);
    // Through the provider, but looking at the one customer: its sites alone.
    expect((await fleetOf(customer, provider)).sites.map((site) => site.siteName)).toEqual(["site of customers"]);
  });
});
