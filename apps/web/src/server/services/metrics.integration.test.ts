import type { HostUsage } from "@indium/contract/host";
import type { HostId, InstanceId } from "@indium/contract/ids";
import type { MetricSample } from "@indium/contract/metrics";
import { newId } from "@indium/contract/plain/ids";
import { METRICS } from "@indium/contract/plain/metrics";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LiveFeed } from "../live/feed";
import { seedOrganization, startTestCentre, type TestCentre } from "../test-centre";
import { startTestDatabase, type TestDatabase } from "../test-database";
import { makeInstance } from "../test-fixtures";
import { ingestMetrics } from "./metrics-ingest";
import { listPartitions } from "./metrics-partitions";
import { readHostMetrics, readInstanceMetrics } from "./metrics-read";
import { keepMetrics } from "./metrics-rollup";

/** Whole-hour, so that what a test writes is easy to place. */
const NOON = Date.UTC(2026, 10, 21, 12);
const SLOT = 15_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let database: TestDatabase;
let centre: TestCentre;
let organizationId: string;
let hostId: HostId;
let instanceId: InstanceId;

beforeAll(async () => {
  database = await startTestDatabase();
  centre = await startTestCentre(database);
});
afterAll(async () => {
  await centre?.stop();
  await database?.stop();
});
beforeEach(async () => {
  await centre.registerRelay();
  const seed = await seedOrganization(database, `Acme ${newId("request")}`);
  organizationId = seed.organizationId;
  centre.clock.now = NOON;
  host = await centre.addHost(seed.organizationId, seed.siteId);
  hostId = host.id;
  instanceId = (await makeInstance(database.db, { organizationId, imageId: seed.imageId, hostId })) as InstanceId;
});
afterEach(async () => {
  await database.reset();
  for (const tier of ["raw", "minute", "quarter"] as const) await database.db.$executeRawUnsafe(`TRUNCATE metrics."${tier}"`);
  await database.db.$executeRawUnsafe("TRUNCATE metrics.rolled");
});

let host: Awaited<ReturnType<TestCentre["addHost"]>>;

const values = (cpu: number | null, memory: number | null = null) => [cpu, memory];
const sample = (
  at: number,
  cpu: number | null,
  instances: MetricSample["instances"] = [[instanceId, values(cpu, 1_024)]],
): MetricSample => ({
  at,
  host: values(cpu === null ? null : cpu * 10),
  instances,
});
/** As one message of the host, sent right after its newest slot. */
const ingest = (samples: readonly MetricSample[], nowMs = (samples.at(-1)?.at ?? NOON) + 20_000) =>
  ingestMetrics(database.db, [{ hostId, organizationId, sentAt: nowMs, samples }], nowMs);
/** `slots` samples from `from` on. */
async function fill(from: number, slots: number, cpu: (slot: number) => number | null): Promise<void> {
  for (let slot = 0; slot < slots; slot++) {
    const value = cpu(slot);
    if (value !== null) await ingest([sample(from + slot * SLOT, value)]);
  }
}
const cpuOf = async (range: "1h" | "6h" | "24h" | "7d" | "30d" | "1y", nowMs: number) => {
  const view = await readInstanceMetrics(database.db, instanceId, { range }, nowMs);
  return { view, at: (ms: number) => view.series.cpu?.[(ms - view.from) / view.stepMs] };
};
const count = async (tier: "raw" | "minute" | "quarter") =>
  Number((await database.db.$queryRawUnsafe<{ count: bigint }[]>(`SELECT count(*) FROM metrics."${tier}"`))[0]?.count);

const usage: HostUsage = {
  at: NOON,
  cpuFraction: 0.5,
  memoryUsedBytes: 1,
  storageUsedBytes: 1,
  networkReceivedBytesPerSecond: 0,
  networkSentBytesPerSecond: 0,
  instances: [],
};

describe("samples", () => {
  it("come with a host's signed use, are told to those who watch, and are no part of what is shown live", async () => {
    centre.clock.now = NOON + 20_000;
    const feed = new LiveFeed(database.url);
    const stop = new AbortController();
    const heard: unknown[] = [];
    const listening = (async () => {
      for await (const change of feed.subscribe(organizationId, stop.signal)) {
        heard.push(change);
        if (change.kind === "metrics") return;
      }
    })();
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBeGreaterThan(0);
    const metrics = [sample(NOON - SLOT, 0.25), sample(NOON, 0.5)];
    await centre.ask("ingestUsage", { samples: [host.usage(1, { ...usage, at: centre.clock.now }, metrics)] });
    await listening;
    expect(heard.at(-1)).toEqual({ kind: "metrics", hostId, at: NOON });
    stop.abort();
    await feed.close();
    expect((await database.db.host.findUniqueOrThrow({ where: { id: hostId } })).usage).toEqual({ ...usage, at: centre.clock.now });
    const { view, at } = await cpuOf("1h", centre.clock.now);
    expect([at(NOON - SLOT), at(NOON)]).toEqual([0.25, 0.5]);
    expect(view).toMatchObject({ length: 240, stepMs: SLOT, newestAt: NOON + SLOT, hostNewestAt: NOON + SLOT });
    expect(view.series.diskRead).toBeUndefined();
    const own = await readHostMetrics(database.db, hostId, { range: "1h" }, centre.clock.now);
    expect(own.series.cpu?.[(NOON - own.from) / SLOT]).toBe(5);
  });

  it("count once, however often and by however many they are handed in, and gaps stay gaps", async () => {
    await Promise.all(Array.from({ length: 6 }, () => ingest([sample(NOON, 1), sample(NOON + SLOT, 3)])));
    await ingest([sample(NOON, 99), sample(NOON + 3 * SLOT, 0)], NOON + 70_000);
    expect(await count("raw")).toBe(3);
    const { at } = await cpuOf("1h", NOON + 70_000);
    expect([0, 1, 2, 3].map((slot) => at(NOON + slot * SLOT))).toEqual([1, 3, null, 0]);
    await keepMetrics(database.db, NOON + 2 * HOUR);
    const minute = await cpuOf("24h", NOON + 2 * HOUR);
    expect(minute.at(NOON)).toBeCloseTo(4 / 3, 3);
    expect(minute.at(NOON + 60_000)).toBeNull();
  });

  it("too old or from the future are refused, and a wrong clock is set right by whole slots", async () => {
    await ingest([sample(NOON - 20 * 60_000, 1), sample(NOON + 5 * 60_000, 1)], NOON);
    expect(await count("raw")).toBe(0);
    // Three hours behind.
    const clock = NOON - 3 * HOUR;
    await ingestMetrics(
      database.db,
      [{ hostId, organizationId, sentAt: clock + 16_000, samples: [sample(clock - SLOT, 1), sample(clock, 2)] }],
      NOON + 16_500,
    );
    const { at } = await cpuOf("1h", NOON + 20_000);
    expect([at(NOON - SLOT), at(NOON)]).toEqual([1, 2]);
  });

  it("of an instance are believed from its own host only", async () => {
    const seed = await seedOrganization(database, "Other");
    const foreign = await centre.addHost(seed.organizationId, seed.siteId, { hostname: "lab-2" });
    await ingestMetrics(
      database.db,
      [{ hostId: foreign.id, organizationId: seed.organizationId, sentAt: NOON + 20_000, samples: [sample(NOON, 77)] }],
      NOON + 20_000,
    );
    expect((await cpuOf("1h", NOON + 20_000)).view.series).toEqual({});
    await keepMetrics(database.db, NOON + 2 * HOUR);
    expect((await cpuOf("24h", NOON + 2 * HOUR)).view.series).toEqual({});
    const own = await readHostMetrics(database.db, foreign.id, { range: "24h" }, NOON + 2 * HOUR);
    expect(own.series.cpu?.filter((value) => value !== null)).toEqual([770]);
  });

  it("of agents that measure less or more are taken as far as they go", async () => {
    const long = Array.from({ length: METRICS.length + 5 }, (_, index) => index + 1);
    const other = (await makeInstance(database.db, {
      organizationId,
      imageId: (await database.db.image.findFirstOrThrow()).id,
      hostId,
    })) as InstanceId;
    await ingest([
      {
        at: NOON,
        host: [],
        instances: [
          [instanceId, long],
          [other, [0.5]],
        ],
      },
    ]);
    const view = await readInstanceMetrics(database.db, instanceId, { range: "1h" }, NOON + 20_000);
    expect(Object.keys(view.series)).toEqual([...METRICS]);
    const less = await readInstanceMetrics(database.db, other, { range: "1h" }, NOON + 20_000);
    expect(Object.keys(less.series)).toEqual(["cpu"]);
    expect((await readHostMetrics(database.db, hostId, { range: "1h" }, NOON + 20_000)).series).toEqual({});
  });
});

describe("down-sampling", () => {
  it("gives the same curve before and after, at every range, and counts nothing twice", async () => {
    await fill(NOON, 240, (slot) => (slot % 7 === 3 ? null : slot % 11));
    const during = NOON + HOUR + 10 * 60_000;
    const before = await cpuOf("24h", during);
    await keepMetrics(database.db, during);
    // Not due yet: late samples may still come.
    expect(await count("minute")).toBe(0);
    const after = NOON + HOUR + 30 * 60_000;
    await keepMetrics(database.db, after);
    await keepMetrics(database.db, after);
    expect(await count("minute")).toBe(2);
    const rolled = await cpuOf("24h", after);
    for (let at = NOON; at < NOON + HOUR; at += 60_000) expect(rolled.at(at)).toBeCloseTo(before.at(at) ?? Number.NaN, 3);
    expect(rolled.at(NOON + HOUR)).toBeNull();
    const week = await cpuOf("7d", after);
    const quarter = [0, 1, 2, 3].map((index) => week.at(NOON + index * 900_000));
    // The next day: minutes have become quarters of an hour, and say the same.
    const tomorrow = NOON + DAY;
    await keepMetrics(database.db, tomorrow);
    await Promise.all([keepMetrics(database.db, tomorrow), keepMetrics(database.db, tomorrow)]);
    expect(await count("quarter")).toBe(2);
    const later = await cpuOf("7d", tomorrow);
    for (const [index, value] of quarter.entries()) expect(later.at(NOON + index * 900_000)).toBeCloseTo(value ?? Number.NaN, 2);
    const year = await cpuOf("1y", tomorrow);
    expect(year.at(NOON)).toBeCloseTo(quarter.reduce((sum: number, value) => sum + (value ?? 0), 0) / 4, 2);
    expect(year.view.series.cpu?.filter((value) => value !== null)).toHaveLength(1);
  });

  it("takes in what comes late, as long as it can come", async () => {
    await ingest([sample(NOON + HOUR - SLOT, 1)]);
    await keepMetrics(database.db, NOON + HOUR + 15 * 60_000);
    await ingest([sample(NOON + HOUR - 2 * SLOT, 3)], NOON + HOUR + 14 * 60_000);
    await keepMetrics(database.db, NOON + HOUR + 20 * 60_000);
    const { at } = await cpuOf("24h", NOON + HOUR + 20 * 60_000);
    expect(at(NOON + HOUR - 60_000)).toBe(2);
  });

  it("is taken up where a leader died", async () => {
    await fill(NOON, 8, () => 2);
    // Its first host's rows are there, the hour is not marked.
    await keepMetrics(database.db, NOON + 2 * HOUR);
    await database.db.$executeRaw`DELETE FROM metrics.minute WHERE subject = ${instanceId}`;
    await database.db.$executeRaw`DELETE FROM metrics.rolled`;
    await keepMetrics(database.db, NOON + 2 * HOUR);
    expect((await cpuOf("24h", NOON + 2 * HOUR)).at(NOON)).toBe(2);
    expect(await count("minute")).toBe(2);
  });

  it("drops whole partitions once they are old and kept in the next tier, and none before", async () => {
    await fill(NOON, 4, () => 2);
    const names = async (tier: "raw" | "minute" | "quarter") => (await listPartitions(database.db, tier)).map(({ name }) => name);
    const hour = "raw_2026112112";
    await keepMetrics(database.db, NOON + HOUR + 6 * HOUR);
    expect(await names("raw")).toContain(hour);
    await keepMetrics(database.db, NOON + HOUR + 7 * HOUR);
    expect(await names("raw")).not.toContain(hour);
    expect((await cpuOf("24h", NOON + 8 * HOUR)).at(NOON)).toBe(2);
    await keepMetrics(database.db, NOON + 7 * DAY);
    expect(await names("minute")).toContain("minute_20261121");
    await keepMetrics(database.db, NOON + 9 * DAY);
    expect(await names("minute")).not.toContain("minute_20261121");
    expect((await cpuOf("30d", NOON + 9 * DAY)).at(NOON)).toBe(2);
    await keepMetrics(database.db, NOON + 400 * DAY);
    expect(await names("quarter")).toContain("quarter_202611");
    await keepMetrics(database.db, NOON + 440 * DAY);
    expect(await names("quarter")).not.toContain("quarter_202611");
  });
});

describe("a chart that asks for what is new", () => {
  it("gets the steps from there on, and everything when that is too long ago", async () => {
    await fill(NOON, 8, (slot) => slot);
    const since = NOON + 6 * SLOT;
    const tail = await readInstanceMetrics(database.db, instanceId, { range: "1h", since }, NOON + 8 * SLOT);
    expect(tail).toMatchObject({ from: since, length: 3, series: { cpu: [6, 7, null] } });
    const whole = await readInstanceMetrics(database.db, instanceId, { range: "1h", since: 5 }, NOON + 8 * SLOT);
    expect(whole.length).toBe(240);
    const future = await readInstanceMetrics(database.db, instanceId, { range: "1h", since: NOON + DAY }, NOON + 8 * SLOT);
    expect(future.length).toBe(1);
  });
});
