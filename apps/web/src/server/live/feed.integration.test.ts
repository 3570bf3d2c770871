import type { LiveChange } from "@indium/contract/api/live";
import type { HostUsage } from "@indium/contract/host";
import { newId } from "@indium/contract/plain/ids";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { callAs, makeHost, makeOrganization, makeUser } from "../test-fixtures";
import { LiveFeed } from "./feed";
import { publishChange, publishUsage } from "./publish";

let test: TestDatabase;
let feed: LiveFeed;
beforeAll(async () => {
  test = await startTestDatabase();
});
afterAll(() => test?.stop());
beforeEach(() => {
  feed = new LiveFeed(test.url);
});
afterEach(() => feed.close());

const usage = (instances = 0): HostUsage => ({
  at: 1_700_000_000_000,
  cpuFraction: 0.5,
  memoryUsedBytes: 1,
  storageUsedBytes: 2,
  networkReceivedBytesPerSecond: 3,
  networkSentBytesPerSecond: 4,
  instances: Array.from({ length: instances }, () => ({ instanceId: newId("instance"), cpuFraction: 0.25, memoryBytes: 123_456_789 })),
});

async function next(stream: AsyncGenerator<LiveChange>): Promise<LiveChange> {
  const { value, done } = await stream.next();
  if (done === true) throw new Error("the stream ended");
  return value;
}

const endBackends = async () => {
  const client = new pg.Client({ connectionString: test.url });
  await client.connect();
  await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()");
  await client.end();
};

describe("the live feed", () => {
  it("begins with resync, delivers at the commit, and to that organization only", async () => {
    const stream = feed.subscribe("org-a", new AbortController().signal);
    expect(await next(stream)).toEqual({ kind: "resync" });
    await publishChange(test.db, { organizationId: "org-b", resource: "host", id: "other" });
    await publishChange(test.db, { organizationId: null, resource: "host", id: "unclaimed" });
    await test.db
      .$transaction(async (tx) => {
        await publishChange(tx, { organizationId: "org-a", resource: "host", id: "rolled back" });
        throw new Error("roll back");
      })
      .catch(() => {});
    await test.db.$transaction(async (tx) => {
      await publishChange(tx, { organizationId: "org-a", resource: "operation", id: "op-1", parentId: "i-1" });
      await publishChange(tx, { organizationId: "org-a", resource: "operation", id: "op-1", parentId: "i-1" });
    });
    await publishChange(test.db, { organizationId: "org-a", resource: "site", id: "site-1" });
    expect(await next(stream)).toEqual({ kind: "changed", resource: "operation", id: "op-1", parentId: "i-1" });
    expect(await next(stream)).toEqual({ kind: "changed", resource: "site", id: "site-1", parentId: null });
  });

  it("tells a provider that something of a customer changed, and no more than that", async () => {
    const stream = feed.subscribe("org-p", new AbortController().signal, ["org-c"]);
    await next(stream);
    await publishChange(test.db, { organizationId: "org-c", resource: "sshKey", id: "key-1" });
    await publishChange(test.db, { organizationId: "org-d", resource: "host", id: "h-2" });
    await publishChange(test.db, { organizationId: "org-c", resource: "host", id: "h-1" });
    await publishChange(test.db, { organizationId: "org-p", resource: "site", id: "site-1" });
    expect(await next(stream)).toEqual({ kind: "changed", resource: "fleet", id: "org-c", parentId: null });
    expect(await next(stream)).toEqual({ kind: "changed", resource: "site", id: "site-1", parentId: null });
  });

  it("carries usage, also a sample too long for a notification", async () => {
    const organizationId = await makeOrganization(test.db);
    const hostId = (await makeHost(test.db, { organizationId })) as `h-${string}`;
    const stream = feed.subscribe(organizationId, new AbortController().signal);
    await next(stream);
    await publishUsage(test.db, { organizationId, hostId, usage: usage() });
    expect(await next(stream)).toEqual({ kind: "usage", hostId, usage: usage() });
    const long = usage(500);
    await test.db.host.update({ where: { id: hostId }, data: { usage: long } });
    await publishUsage(test.db, { organizationId, hostId, usage: long });
    expect(await next(stream)).toEqual({ kind: "usage", hostId, usage: long });
  });

  it("says resync after its connection was lost, and delivers again", async () => {
    const stream = feed.subscribe("org-a", new AbortController().signal);
    expect(await next(stream)).toEqual({ kind: "resync" });
    await endBackends();
    expect(await next(stream)).toEqual({ kind: "resync" });
    await publishChange(test.db, { organizationId: "org-a", resource: "host", id: "h-1" });
    expect(await next(stream)).toMatchObject({ resource: "host", id: "h-1" });
  });

  it("gives a reader that fell behind one resync instead of a queue without end", async () => {
    const stream = feed.subscribe("org-a", new AbortController().signal);
    const probe = feed.subscribe("org-b", new AbortController().signal);
    await next(stream);
    await next(probe);
    await test.db.$executeRaw`SELECT pg_notify('indium_live', json_build_object('organizationId', 'org-a', 'kind', 'changed',
      'resource', 'host', 'id', 'h-' || n, 'parentId', null)::text) FROM generate_series(1, 501) n`;
    await publishChange(test.db, { organizationId: "org-b", resource: "host", id: "after" });
    // Notifications arrive in order: what went to org-a is there now.
    await next(probe);
    expect(await next(stream)).toEqual({ kind: "resync" });
  });

  it("ends with its reader, and passes over what it cannot read", async () => {
    const ending = new AbortController();
    const stream = feed.subscribe("org-a", ending.signal);
    await next(stream);
    await test.db.$executeRaw`SELECT pg_notify('indium_live', 'garbage')`;
    await test.db
      .$executeRaw`SELECT pg_notify('indium_live', '{"organizationId":"org-a","kind":"changed","resource":"nonsense","id":"x","parentId":null}')`;
    await publishChange(test.db, { organizationId: "org-a", resource: "host", id: "h-2" });
    expect(await next(stream)).toMatchObject({ id: "h-2" });
    const waiting = stream.next();
    ending.abort();
    expect((await waiting).done).toBe(true);
  });
});

describe("live.changes", () => {
  it("ends for somebody who is removed while they look", async () => {
    const organizationId = await makeOrganization(test.db);
    const owner = await makeUser(test.db, { grants: [[organizationId, "owner"]] });
    const viewer = await makeUser(test.db, { grants: [[organizationId, "viewer"]] });
    const stream = (await callAs({ db: test.db, actor: viewer, feed }).live.changes({ organizationId })) as AsyncIterable<LiveChange>;
    const reader = stream[Symbol.asyncIterator]();
    expect((await reader.next()).value).toEqual({ kind: "resync" });
    await callAs({ db: test.db, actor: owner }).member.remove({ organizationId, userId: viewer.userId });
    expect((await reader.next()).value).toEqual({ kind: "resync" });
    expect((await reader.next()).done).toBe(true);
  });
});
