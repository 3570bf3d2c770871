import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "@indium/contract/plain/ids";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate } from "./migrate";
import { seedCatalogue } from "./services/catalogue";
import { MIGRATIONS_DIR, startTestDatabase, type TestDatabase } from "./test-database";
import { makeHost, makeImage, makeInstance, makeOrganization } from "./test-fixtures";

let test: TestDatabase;
let client: pg.Client;
let dir: string;
beforeAll(async () => {
  test = await startTestDatabase({ migrated: false });
  client = new pg.Client({ connectionString: test.url });
  await client.connect();
  dir = await mkdtemp(join(tmpdir(), `indium-migrations-${process.pid}-`));
  await cp(MIGRATIONS_DIR, dir, { recursive: true });
});
afterAll(async () => {
  await client?.end();
  await test?.stop();
  if (dir) await rm(dir, { recursive: true, force: true });
});

describe("migrations", () => {
  it("are applied once, also by two processes that start at the same instant", async () => {
    const applied = await Promise.all([migrate(test.url, dir), migrate(test.url, dir)]);
    expect(applied.flat()).toContain("0001_init");
    expect(applied.flat()).toHaveLength(new Set(applied.flat()).size);
    expect(await migrate(test.url, dir)).toEqual([]);
  });

  it("that fail leave nothing behind and may be tried again", async () => {
    const broken = join(dir, "9998_broken");
    await mkdir(broken);
    await writeFile(join(broken, "migration.sql"), "CREATE TABLE half (id int); SELECT 1/0;");
    await expect(migrate(test.url, dir)).rejects.toThrow("9998_broken");
    expect((await client.query("SELECT to_regclass('half') AS found")).rows[0].found).toBeNull();
    await writeFile(join(broken, "migration.sql"), "CREATE TABLE half (id int);");
    expect(await migrate(test.url, dir)).toEqual(["9998_broken"]);
    await client.query("DROP TABLE half");
  });

  it("of a newer Indium are not run over by an older one", async () => {
    await expect(migrate(test.url, MIGRATIONS_DIR)).rejects.toThrow("newer Indium");
    await client.query("DELETE FROM _prisma_migrations WHERE migration_name = '9998_broken'");
    expect(await migrate(test.url, MIGRATIONS_DIR)).toEqual([]);
  });
});

describe("the database refuses nonsense", () => {
  let organizationId: string;
  let hostId: string;
  let imageId: string;
  let instanceId: string;
  let networkId: string;
  beforeAll(async () => {
    organizationId = await makeOrganization(test.db);
    hostId = await makeHost(test.db, { organizationId });
    imageId = await makeImage(test.db);
    networkId = newId("network");
    await test.db.network.create({
      data: {
        id: networkId,
        organizationId,
        hostId,
        name: "nat",
        kind: "nat",
        ipv4Cidr: "10.9.0.0/24",
        ipv4Gateway: "10.9.0.1",
        isDefault: true,
      },
    });
    instanceId = await makeInstance(test.db, { organizationId, imageId, hostId, networkId, name: "web-1" });
    await test.db.instanceRuntime.create({
      data: { instanceId, observedState: "running", observedGeneration: 1, observedAt: new Date() },
    });
  });
  const CASES: readonly [what: string, sql: () => string][] = [
    ["a wish that is no stable state", () => `UPDATE "Instance" SET desired = 'starting'`],
    ["a generation of zero", () => `UPDATE "Instance" SET "desiredGeneration" = 0`],
    ["an instance without memory", () => `UPDATE "Instance" SET "memoryBytes" = 0`],
    ["an instance without processors", () => `UPDATE "Instance" SET vcpus = 0`],
    ["an instance without a disk", () => `UPDATE "Instance" SET "diskBytes" = 0`],
    ["an illegal name", () => `UPDATE "Instance" SET name = '-rf'`],
    ["a deleted instance that should run", () => `UPDATE "Instance" SET "deletedAt" = now()`],
    ["half a power request", () => `UPDATE "Instance" SET "powerKind" = 'reboot'`],
    ["a foreign id", () => `UPDATE "Instance" SET id = '../../etc'`],
    ["an observed state that does not exist", () => `UPDATE "InstanceRuntime" SET "observedState" = 'sleeping'`],
    ["an address of the wrong family", () => `UPDATE "Nic" SET ipv4 = 'fe80::1'`],
    ["what is no address", () => `UPDATE "Nic" SET ipv4 = '10.0.0.999'`],
    ["a multicast MAC", () => `UPDATE "Nic" SET "macAddress" = '53:54:00:00:00:01'`],
    ["a network outside its range", () => `UPDATE "Network" SET "ipv4Gateway" = '10.10.0.1'`],
    ["a bridge network without a bridge", () => `UPDATE "Network" SET kind = 'bridge'`],
    [
      "a role that does not exist",
      () => `INSERT INTO "Grant" ("userId", "organizationId", role) VALUES ('usr-0', '${organizationId}', 'root')`,
    ],
    ["an address in capitals", () => `INSERT INTO "User" (id, email, name) VALUES ('${newId("user")}', 'A@example.org', 'A')`],
    ["a second installation", () => `INSERT INTO "Installation" (id) VALUES (2)`],
    ["a host of a site without an organization", () => `UPDATE "Host" SET "organizationId" = NULL, "siteId" = 'site-0'`],
    [
      "an operation that ended without an end",
      () =>
        `INSERT INTO "Operation" (id, "organizationId", kind, state) VALUES ('${newId("operation")}', '${organizationId}', 'instance.start', 'failed')`,
    ],
    ["an organization that provides for itself", () => `UPDATE "Organization" SET "providerId" = id`],
    ["a token kept in clear", () => `UPDATE "Installation" SET "setupTokenHash" = 'the-token-itself'`],
  ];
  it.each(CASES)("%s", async (_, sql) => {
    // 23514 is check_violation; 22P02 what cannot even be read as an address.
    await expect(client.query(sql())).rejects.toMatchObject({ code: expect.stringMatching(/^(23514|22P02)$/) });
  });

  it("a name twice in an organization, until its holder is deleted", async () => {
    await expect(makeInstance(test.db, { organizationId, imageId, name: "web-1" })).rejects.toMatchObject({ code: "P2002" });
    await test.db.instance.update({ where: { id: instanceId }, data: { desired: "gone", deletedAt: new Date() } });
    await makeInstance(test.db, { organizationId, imageId, name: "web-1" });
  });
});

describe("the catalogue", () => {
  it("is there after the first start and unchanged after the second", async () => {
    const file = join(dir, "catalogue.json");
    const entry = {
      slug: "debian-13",
      name: "Debian 13",
      operatingSystem: "debian",
      url: "https://cloud.example.org/debian-13.qcow2",
      checksumUrl: "https://cloud.example.org/SHA512SUMS",
      checksumAlgorithm: "sha512",
      checksumFileName: "debian-13.qcow2",
      defaultUser: "debian",
      firmware: "uefi",
      cloudInit: true,
      minimumDiskBytes: 3_221_225_472,
      minimumMemoryBytes: 536_870_912,
      description: "",
      bootedHere: false,
    };
    await writeFile(file, JSON.stringify([entry]));
    await Promise.all([seedCatalogue(test.db, file), seedCatalogue(test.db, file)]);
    const first = await test.db.image.findMany({ where: { slug: { not: null } }, orderBy: { slug: "asc" } });
    expect(first.map((image) => image.slug)).toEqual(["debian-12-built", "debian-13", "tiny"]);
    expect(await test.db.size.count()).toBeGreaterThanOrEqual(5);
    // What was learned here stays.
    await test.db.image.update({ where: { slug: "debian-13" }, data: { sha256: "a".repeat(64), bootedHere: true } });
    await test.db.image.update({ where: { slug: "tiny" }, data: { state: "ready", sha256: "b".repeat(64) } });
    await seedCatalogue(test.db, file);
    expect(await test.db.image.findUnique({ where: { slug: "debian-13" } })).toMatchObject({ sha256: "a".repeat(64), bootedHere: true });
    expect(await test.db.image.findUnique({ where: { slug: "tiny" } })).toMatchObject({ state: "ready", sha256: "b".repeat(64) });
    await writeFile(file, "[]");
    await seedCatalogue(test.db, file);
    expect((await test.db.image.findUnique({ where: { slug: "debian-13" } }))?.deletedAt).not.toBeNull();
    await seedCatalogue(test.db, join(dir, "missing.json"));
    expect(await test.db.size.count()).toBeGreaterThanOrEqual(5);
  });
});

describe("a list of fifty thousand instances", () => {
  it("is read from its index, page by page", async () => {
    const organizationId = await makeOrganization(test.db);
    const imageId = await makeImage(test.db);
    await client.query(
      `INSERT INTO "Instance" (id, "organizationId", name, "imageId", "guestUuid", desired, vcpus, "memoryBytes", "diskBytes", "volumeId", firmware, "createdAt")
       SELECT 'i-' || lpad(to_hex(n), 17, '0'), $1, 'vm-' || n, $2, gen_random_uuid()::text, 'running', 1, 268435456, 1073741824,
         'vol-' || lpad(to_hex(n), 17, '0'), 'bios', now() - n * interval '1 second' FROM generate_series(1, 50000) n`,
      [organizationId, imageId],
    );
    await client.query(`ANALYZE "Instance"`);
    const { rows } = await client.query(
      `EXPLAIN (FORMAT JSON) SELECT id FROM "Instance" WHERE "organizationId" = $1 AND "deletedAt" IS NULL
         AND ("createdAt", id) < (now()::timestamp, 'i-') ORDER BY "createdAt" DESC, id DESC LIMIT 101`,
      [organizationId],
    );
    const plan = JSON.stringify(rows[0]["QUERY PLAN"]);
    expect(plan).toContain("Instance_live_created_idx");
    expect(plan).not.toContain("Seq Scan");
    expect(plan).not.toContain('"Sort"');
  });
});
