import { InstanceListInput, OperationListInput } from "@indium/contract/api/instance-views";
import type { OrganizationId } from "@indium/contract/ids";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Prisma } from "../../generated/prisma/client";
import { fillWithFleet } from "../admin/seed-fleet";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { makeImage, makeOrganization } from "../test-fixtures";
import { listInstances, pageSql } from "./instance-list";
import { listOperations } from "./operation-list";

/** Fifty thousand made-up instances: which index each list is read from, whatever this machine's speed is today. */
const FLEET = { instances: 50_000, hosts: 500 };
const NOW = new Date("2026-11-21T12:00:00Z");

let test: TestDatabase;
let organizationId: OrganizationId;
const scope = () => ({ id: organizationId, name: "Acme", providerId: null, role: "owner", viaProvider: false }) as const;
const query = (over: object) => InstanceListInput.parse({ organizationId, ...over });

beforeAll(async () => {
  test = await startTestDatabase();
  organizationId = await makeOrganization(test.db);
  await makeImage(test.db);
  await fillWithFleet(test.db, organizationId, FLEET, NOW.getTime());
}, 300_000);
afterAll(() => test?.stop());

async function planOf(over: object): Promise<string> {
  const rows = await test.db.$queryRaw<{ "QUERY PLAN": unknown }[]>(
    Prisma.sql`EXPLAIN (FORMAT JSON) ${pageSql(scope(), query(over), NOW)}`,
  );
  return JSON.stringify(rows[0]?.["QUERY PLAN"]);
}

describe("a list of fifty thousand instances", () => {
  it("is seeded whole, twice without harm", async () => {
    await fillWithFleet(test.db, organizationId, { instances: 100, hosts: 10 }, NOW.getTime());
    expect([
      await test.db.instance.count(),
      await test.db.host.count(),
      await test.db.nic.count(),
      await test.db.operation.count(),
    ]).toEqual([FLEET.instances, FLEET.hosts, FLEET.instances, 2 * FLEET.instances]);
  });

  it.each([
    ["newest first", {}, "Instance_live_created_idx"],
    ["oldest first", { direction: "asc" }, "Instance_live_created_idx"],
    ["by name", { sort: "name", direction: "asc" }, "Instance_live_name_key"],
    ["of a host", { hostId: "h-f0000000000000005" }, "Instance_hostId_deletedAt_idx"],
    ["with a rare tag", { tag: { key: "legacy", value: null } }, "Instance_live_tags_idx"],
  ])("is read from its index %s, and from the middle as from the top", async (_, over, index) => {
    for (const cursor of [null, (await listInstances(test.db, scope(), query({ ...over, limit: 40 }), NOW)).nextCursor]) {
      const plan = await planOf({ ...over, cursor });
      expect(plan).toContain(index);
      expect(plan).not.toContain("Seq Scan");
    }
  });

  it("looks for an address by its beginning in an index", async () => {
    expect(await planOf({ search: "10.1.7." })).toContain("Nic_ipv4_prefix_idx");
    expect((await listInstances(test.db, scope(), query({ search: "10.1.7." }), NOW)).total).toBe(FLEET.instances / FLEET.hosts);
  });

  it("reads what is under way from an index of that alone", async () => {
    const [row] = await test.db.$queryRaw<{ "QUERY PLAN": unknown }[]>`EXPLAIN (FORMAT JSON) SELECT o.id FROM "Operation" o
      WHERE o."organizationId" = ${organizationId} AND o.state IN ('pending', 'running', 'waiting') ORDER BY o."createdAt" DESC, o.id DESC LIMIT 51`;
    expect(JSON.stringify(row?.["QUERY PLAN"])).toContain("Operation_open_idx");
    expect((await listOperations(test.db, OperationListInput.parse({ organizationId, state: "open" }))).total).toBe(0);
  });

  it("answers every kind of question, and says how long it took", async () => {
    const took: string[] = [];
    for (const [what, over] of [
      ["newest", {}],
      ["by name", { sort: "name" }],
      ["by state", { sort: "state" }],
      ["by host", { sort: "host" }],
      ["running", { state: "running" }],
      ["of a site", { siteId: "site-f0000000000000001" }],
      ["with a tag", { tag: { key: "env", value: "test" } }],
      ["search web-0", { search: "web-0" }],
      ["search nothing", { search: "no such thing" }],
      ["search address", { search: "10.1.7.4" }],
    ] as const) {
      const begun = performance.now();
      const page = await listInstances(test.db, scope(), query(over), NOW);
      took.push(`${what} ${Math.round(performance.now() - begun)} ms (${page.total})`);
      expect(page.items.length).toBe(Math.min(100, page.total ?? 0));
    }
    console.log(`  of ${FLEET.instances.toLocaleString("en")} instances: ${took.join(", ")}`);
  });
});
