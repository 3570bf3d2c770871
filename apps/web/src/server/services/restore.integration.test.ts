import { InstanceCreateInput } from "@indium/contract/api/instance-views";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDb } from "../db";
import { pushDocument } from "../reconcile/push-document";
import { seedOrganization, startTestCentre, type TestCentre } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { createInstance } from "./instances-create";
import { ingestReports } from "./reports";
import { raiseCentreEpoch } from "./restore";

let database: TestDatabase;
let centre: TestCentre;
beforeAll(async () => {
  database = await startTestDatabase();
  centre = await startTestCentre(database);
});
afterAll(async () => {
  await centre?.stop();
  await database?.stop();
});

it("loses no VM when an old dump of the database is restored", async () => {
  await centre.registerRelay();
  const seed = await seedOrganization(database);
  const host = await centre.addHost(seed.organizationId, seed.siteId);
  const create = async (name: string) => {
    const form = InstanceCreateInput.parse({ ...seed, siteId: null, name, requestKey: `key-of-${name}` });
    return (await createInstance({ ...centre, actorId: null, nowMs: centre.clock.now }, form)).instanceId;
  };
  const before = await create("before-the-dump");
  await pushDocument(centre.push, host.id);
  await centre.report(host, host.observes(before, "running"));

  // The dump: Postgres' own copy of a whole database, taken while nobody is connected to it.
  await database.db.$disconnect();
  const copyUrl = new URL(database.url);
  copyUrl.pathname = "/restored";
  await onMaintenance(database.url, `CREATE DATABASE restored TEMPLATE "${new URL(database.url).pathname.slice(1)}"`);

  // Life goes on after it: another instance, and changes of the first.
  const after = await create("after-the-dump");
  await pushDocument(centre.push, host.id);
  await centre.report(host, host.observes(before, "running"), host.observes(after, "running"));
  const held = { generation: host.document.generation, instance: host.instance(before).generation };

  const restored = createDb(copyUrl.toString(), { maxConnections: 4 });
  try {
    expect(await raiseCentreEpoch(restored, centre.clock.now)).toBe(2);
    const columns = await restored.host.findUniqueOrThrow({ where: { id: host.id } });
    expect(columns).toMatchObject({ ledgerId: null, relayUrl: null });
    expect(columns.linkEpoch).toBeGreaterThan(host.linkEpoch);
    // The host links again; the fake relay is asked with the restored database's row.
    host.linkEpoch = columns.linkEpoch + 1;
    await restored.host.update({
      where: { id: host.id },
      data: {
        linkEpoch: host.linkEpoch,
        relayUrl: centre.relay.url,
        relayName: "test",
        leaseExpiresAt: new Date(centre.clock.now + 15_000),
      },
    });
    expect(await pushDocument({ ...centre.push, db: restored }, host.id)).toBe("accepted");
    const told = host.document;
    expect(told.centreEpoch).toBe(2);
    expect(told.generation).toBeGreaterThan(held.generation);
    expect(host.instance(before).generation).toBeGreaterThan(held.instance);
    expect(host.instance(before).desired).toBe("running");
    // What the dump does not know is in no document: neither wanted nor deleted.
    expect(told.instances.map((instance) => instance.id)).toEqual([before]);
    expect(told.instances.some((instance) => instance.desired === "gone")).toBe(false);

    // The host repeats what it sees: observations count again, the unknown VM is shown and left alone.
    const batch = host.batch(centre.clock.now, [
      host.observes(before, "running"),
      host.observes(after, "running"),
      { kind: "host.unclaimed", instanceIds: [after] },
    ]);
    await ingestReports(restored, batch, batch.reports, centre.clock.now);
    const row = await restored.instance.findUniqueOrThrow({ where: { id: before }, include: { runtime: true } });
    expect(row.runtime).toMatchObject({ observedState: "running", appliedGeneration: row.desiredGeneration });
    expect(await restored.hostEvent.findFirst({ where: { hostId: host.id } })).toMatchObject({
      code: "unclaimed_vms",
      message: expect.stringContaining(after),
    });
    expect(await restored.instance.findUnique({ where: { id: after } })).toBeNull();
  } finally {
    await restored.$disconnect();
  }
});

async function onMaintenance(url: string, sql: string): Promise<void> {
  const maintenance = new URL(url);
  maintenance.pathname = "/postgres";
  const client = new pg.Client({ connectionString: maintenance.toString() });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
