import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type FakeHost, seedOrganization, startTestCentre, type TestCentre } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";

let database: TestDatabase;
let centre: TestCentre;
let host: FakeHost;
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
  host = await centre.addHost(seed.organizationId, seed.siteId);
});

const event = (message: string) => ({ kind: "host.event", level: "info", code: "test", message }) as const;
const messages = async () =>
  (await database.db.hostEvent.findMany({ where: { hostId: host.id, code: "test" }, orderBy: { id: "asc" } })).map((row) => row.message);
const dropped = () => database.db.hostEvent.findMany({ where: { hostId: host.id, code: "report_dropped" } });
/** Sent as a host of another version might: nothing of ours has looked at it. */
const send = (bodies: readonly unknown[]) => centre.send(host.batch(centre.clock.now, bodies as never));

it("passes over a report it does not understand, takes what follows, and says so on the host's page", async () => {
  const answer = await send([
    event("before"),
    { kind: "host.weather", sunny: true },
    event("x".repeat(5_000)),
    { ...event("between"), level: "catastrophe" },
    event("after"),
  ]);
  expect(answer).toMatchObject({ ackedSeq: host.seq });
  expect(await messages()).toEqual(["before", "after"]);
  expect(await dropped()).toEqual([expect.objectContaining({ level: "warning", message: expect.stringMatching(/^3 reports/) })]);
});

it("passes over a report that the database cannot hold, and keeps the others of its batch", async () => {
  const network = { kind: "network.observed", networkId: "net-0123456789abcdef0", state: "failed" } as const;
  await database.db.network.create({
    data: { id: network.networkId, hostId: host.id, name: "lan", kind: "nat", ipv4Cidr: "10.9.0.0/24", ipv4Gateway: "10.9.0.1" },
  });
  // What Postgres refuses: NUL in text and in JSON, half a surrogate pair in JSON, a number out of its column's range.
  const answer = await send([
    event("before"),
    event("nul \u0000 in text"),
    { ...network, error: { code: "network_failed", message: "nul \u0000 in JSON" } },
    { ...network, error: { code: "network_failed", message: "half a pair \ud83d" } },
    { kind: "document.accepted", centreEpoch: 1, generation: 2 ** 40 },
    event("after"),
  ]);
  expect(answer).toMatchObject({ ackedSeq: host.seq });
  expect(await messages()).toEqual(["before", "after"]);
  expect(await dropped()).toEqual([expect.objectContaining({ message: expect.stringMatching(/^4 reports/) })]);
  expect(await database.db.network.findFirst()).toMatchObject({ state: "pending" });
});

it("takes a sample of use of each host by itself, from the relay that holds it, once and in order", async () => {
  const usage = {
    at: 1,
    cpuFraction: 0.5,
    memoryUsedBytes: 1,
    storageUsedBytes: 1,
    networkReceivedBytesPerSecond: 0,
    networkSentBytesPerSecond: 0,
    instances: [],
  };
  const stored = async () => (await database.db.host.findUniqueOrThrow({ where: { id: host.id } })).usage;
  const sample = host.usage(2, usage);
  await centre.ask("ingestUsage", { samples: [{ ...sample, linkEpoch: host.linkEpoch + 1 }] });
  expect(await stored()).toBeNull();
  await database.db.host.update({ where: { id: host.id }, data: { relayName: "another" } });
  await centre.ask("ingestUsage", { samples: [sample] });
  expect(await stored()).toBeNull();
  await database.db.host.update({ where: { id: host.id }, data: { relayName: "test" } });
  await centre.ask("ingestUsage", { samples: [sample] });
  expect(await stored()).toEqual(usage);
  for (const number of [1, 2]) await centre.ask("ingestUsage", { samples: [host.usage(number, { ...usage, at: 9 })] });
  expect(await stored()).toEqual(usage);
  // An id is an id: nothing that Postgres would refuse comes in where a host names its instances. The sample beside it counts.
  const other = await centre.addHost(seed.organizationId, seed.siteId, { hostname: "lab-2" });
  const hostile = { ...usage, instances: [{ instanceId: "i-\u0000" as `i-${string}`, cpuFraction: 0, memoryBytes: 0 }] };
  await centre.ask("ingestUsage", { samples: [host.usage(3, hostile), other.usage(1, usage)] });
  expect(await stored()).toEqual(usage);
  expect((await database.db.host.findUniqueOrThrow({ where: { id: other.id } })).usage).toEqual(usage);
  // A new link counts anew.
  await centre.connect(host);
  await centre.ask("ingestUsage", { samples: [host.usage(1, { ...usage, at: 10 })] });
  expect(await stored()).toMatchObject({ at: 10 });
});
