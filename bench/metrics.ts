import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MetricRange } from "@indium/contract/api/metric-views";
import type { HostId, InstanceId } from "@indium/contract/ids";
import type { MetricSample, MetricValues } from "@indium/contract/metrics";
import { newId } from "@indium/contract/plain/ids";
import { METRICS } from "@indium/contract/plain/metrics";
import { signEnvelope } from "@indium/tunnel/envelope";
import { generateSigningKeyPair, type KeyPair } from "@indium/tunnel/keys";
import { createDb, type Db } from "../apps/web/src/server/db";
import { migrate } from "../apps/web/src/server/migrate";
import { ensurePartitions } from "../apps/web/src/server/services/metrics-partitions";
import { readInstanceMetrics } from "../apps/web/src/server/services/metrics-read";
import { keepMetrics } from "../apps/web/src/server/services/metrics-rollup";
import { ingestUsage } from "../apps/web/src/server/services/usage";
import { MIGRATIONS_DIR } from "../apps/web/src/server/test-database";
import { startPostgres } from "../scripts/launcher/postgres";
import { median } from "./median";

/**
 * What 10,000 instances on 500 hosts cost the centre: taking in their samples of 15 s as relays hand them in (signed, with the live use beside them), down-sampling
 * an hour of them, and reading a chart. In processor time of this process and of Postgres, because the machine is shared.
 */
const HOSTS = Number(process.env.BENCH_HOSTS ?? 500);
const PER_HOST = 20;
const SLOTS = Number(process.env.BENCH_RUNS ?? 5);
const READS = 40;
const SLOT_S = 15;
const HOUR = 3_600_000;

interface BenchHost {
  readonly id: HostId;
  readonly key: KeyPair;
  readonly instances: readonly InstanceId[];
}

/** Processor seconds of this process, and of a Postgres with all the backends it has or had. */
function cpuSeconds(postmaster: number): { node: number; postgres: number } {
  let ticks = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    let text: string;
    try {
      text = readFileSync(`/proc/${pid}/stat`, "utf8");
    } catch {
      continue; // It ended meanwhile; the postmaster has its time.
    }
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const at = (index: number) => fields[index] ?? 0;
    if (Number(pid) === postmaster) ticks += at(11) + at(12) + at(13) + at(14);
    else if (fields[1] === postmaster) ticks += at(11) + at(12);
  }
  const { user, system } = process.cpuUsage();
  return { node: (user + system) / 1e6, postgres: ticks / 100 };
}

async function furnish(db: Db): Promise<BenchHost[]> {
  const organizationId = newId("organization");
  const imageId = newId("image");
  await db.organization.create({ data: { id: organizationId, name: "Bench" } });
  await db.image.create({ data: { id: imageId, name: "Bench", origin: "url", url: "https://images.example.org/disk.qcow2" } });
  const hosts = Array.from({ length: HOSTS }, () => ({
    id: newId("host"),
    key: generateSigningKeyPair(),
    instances: Array.from({ length: PER_HOST }, () => newId("instance")),
  }));
  await db.host.createMany({
    data: hosts.map(({ id, key }) => ({
      ...{ id, organizationId, name: id, publicKey: key.publicKey, sealingKey: key.publicKey },
      ...{ relayName: "bench", linkEpoch: 1 },
    })),
  });
  await db.instance.createMany({
    data: hosts.flatMap(({ id: hostId, instances }) =>
      instances.map((id) => ({
        ...{ id, organizationId, hostId, imageId, name: id, guestUuid: crypto.randomUUID(), desired: "running", vcpus: 1 },
        ...{ memoryBytes: 2n ** 30n, diskBytes: 2n ** 32n, volumeId: newId("volume"), firmware: "bios" },
      })),
    ),
  });
  return hosts;
}

const round = (value: number) => Math.round(value * 10_000) / 10_000;
const values = (): MetricValues => METRICS.map((_, index) => round(Math.random() * 10 ** (index % 8)));

function message(host: BenchHost, number: number, at: number) {
  const usage = {
    ...{ at: at + 16_000, cpuFraction: 0.5, memoryUsedBytes: 1e10, storageUsedBytes: 1e11 },
    ...{ networkReceivedBytesPerSecond: 1e6, networkSentBytesPerSecond: 1e6 },
    instances: host.instances.map((instanceId) => ({ instanceId, cpuFraction: round(Math.random()), memoryBytes: 5e8 })),
  };
  const metrics: MetricSample[] = [{ at, host: values(), instances: host.instances.map((id) => [id, values()]) }];
  const signed = { hostId: host.id, linkEpoch: 1, number, usage, metrics };
  return { hostId: host.id, linkEpoch: 1, usage: signEnvelope("host-usage", signed, host.key.privateKey) };
}

/** Rows of random values, made where they are kept. */
async function backfill(db: Db, hosts: readonly BenchHost[], hour: number): Promise<void> {
  await ensurePartitions(db, "raw", [hour]);
  const random = (count: number) =>
    `(SELECT array_agg((random() * 1e6)::real) FROM generate_series(1, ${count}) WHERE h.id IS NOT NULL AND s IS NOT NULL)`;
  await db.$executeRawUnsafe(
    `INSERT INTO metrics.raw (host, slot, "hostValues", instances, width, "instanceValues")
     SELECT h.id, to_timestamp($1::float8 / 1000 + s * 15), ${random(METRICS.length)}, h.instances, ${METRICS.length}, ${random(METRICS.length * PER_HOST)}
     FROM json_to_recordset($2::json) AS h(id text, instances text[]), generate_series(0, 239) AS s ON CONFLICT DO NOTHING`,
    hour,
    JSON.stringify(hosts.map(({ id, instances }) => ({ id, instances }))),
  );
}

async function fillTier(
  db: Db,
  tier: "minute" | "quarter",
  subjects: readonly string[],
  from: number,
  to: number,
  rowMs: number,
  steps: number,
) {
  for (let at = from; at < to; at += rowMs) {
    await ensurePartitions(db, tier, [at]);
    await db.$executeRawUnsafe(
      `INSERT INTO metrics."${tier}" (subject, start, values)
       SELECT s, to_timestamp($1::float8 / 1000), (SELECT array_agg((random() * 1e6)::real) FROM generate_series(1, ${METRICS.length * steps}) WHERE s IS NOT NULL)
       FROM unnest($2::text[]) AS s ON CONFLICT DO NOTHING`,
      at,
      subjects,
    );
    await db.$executeRaw`INSERT INTO metrics.rolled (tier, start) VALUES (${tier}, to_timestamp(${at}::float8 / 1000)) ON CONFLICT DO NOTHING`;
  }
}

async function bytesPerRow(db: Db, tier: string): Promise<number> {
  const [row] = await db.$queryRawUnsafe<{ bytes: number }[]>(
    `SELECT (SELECT sum(pg_total_relation_size(i.inhrelid)) FROM pg_inherits i WHERE i.inhparent = 'metrics.${tier}'::regclass)::float8
       / greatest(1, (SELECT count(*) FROM metrics."${tier}")) AS bytes`,
  );
  return row?.bytes ?? Number.NaN;
}

export async function benchMetrics(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "indium-bench-metrics-"));
  // As root Postgres runs as another user, who has to get in.
  await chmod(dir, 0o755);
  const postgres = await startPostgres({ dir, database: "indium" });
  const db = createDb(postgres.url, { maxConnections: 8 });
  try {
    await migrate(postgres.url, MIGRATIONS_DIR);
    const hosts = await furnish(db);
    const start = Math.floor(Date.now() / HOUR) * HOUR;
    const instances = HOSTS * PER_HOST;
    console.log(`metrics: ${instances.toLocaleString("en")} instances on ${HOSTS} hosts, a sample each every ${SLOT_S} s`);
    await ingest(db, postgres.pid, hosts, start);
    await rollUp(db, postgres.pid, hosts, start - 3 * HOUR);
    await read(db, hosts[0] as BenchHost, start);
  } finally {
    await db.$disconnect();
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function ingest(db: Db, postmaster: number, hosts: readonly BenchHost[], start: number): Promise<void> {
  const seconds: number[] = [];
  const shares: { node: number; postgres: number }[] = [];
  // The first is a warm-up.
  for (let slot = 0; slot <= SLOTS; slot++) {
    const at = start + slot * SLOT_S * 1_000;
    // Relays hand in what came within two seconds; a slot's samples come over five.
    const batches = [0, 1, 2].map((part) => hosts.filter((_, index) => index % 3 === part).map((host) => message(host, slot + 1, at)));
    const before = cpuSeconds(postmaster);
    const began = performance.now();
    for (const samples of batches) await ingestUsage(db, { samples }, "bench", at + 17_000);
    const after = cpuSeconds(postmaster);
    if (slot === 0) continue;
    seconds.push((performance.now() - began) / 1_000);
    shares.push({ node: (after.node - before.node) / SLOT_S, postgres: (after.postgres - before.postgres) / SLOT_S });
  }
  const rows = hosts.length * PER_HOST;
  const wall = median(seconds);
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const [node, postgres] = [median(shares.map((share) => share.node)), median(shares.map((share) => share.postgres))];
  console.log(
    `  taken in             ${wall.toFixed(2)} s a slot, ${Math.round(rows / wall).toLocaleString("en")} samples/s (median of ${SLOTS})`,
  );
  console.log(
    `  of a core, all along ${percent(node + postgres)}: ${percent(node)} the worker, ${percent(postgres)} Postgres (goal < 20 %)`,
  );
}

async function rollUp(db: Db, postmaster: number, hosts: readonly BenchHost[], hour: number): Promise<void> {
  await backfill(db, hosts, hour);
  const before = cpuSeconds(postmaster);
  const began = performance.now();
  await keepMetrics(db, hour + 2 * HOUR);
  const after = cpuSeconds(postmaster);
  const cpu = after.node - before.node + after.postgres - before.postgres;
  console.log(
    `  an hour rolled up    ${((performance.now() - began) / 1_000).toFixed(1)} s, ${((100 * cpu) / 3_600).toFixed(2)} % of a core, all along`,
  );
  const [raw, minute] = [await bytesPerRow(db, "raw"), await bytesPerRow(db, "minute")];
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  console.log(`  a row                raw ${Math.round(raw)} B (a host's slot), minute ${Math.round(minute)} B (an hour of one)`);
  const subjects = hosts.length * (PER_HOST + 1);
  console.log(
    `  kept                 raw ${gib(raw * hosts.length * 240 * 7)} (7 partitions), minute ${gib(minute * subjects * 24 * 8)} (8 days)`,
  );
}

async function read(db: Db, host: BenchHost, now: number): Promise<void> {
  const day = Math.floor(now / (24 * HOUR)) * 24 * HOUR;
  for (let hour = 1; hour <= 6; hour++) await backfill(db, [host], now - hour * HOUR);
  await fillTier(db, "quarter", host.instances, day - 366 * 24 * HOUR, day, 24 * HOUR, 96);
  await fillTier(db, "minute", host.instances, day - 8 * 24 * HOUR, now - HOUR, HOUR, 60);
  const quarter = await bytesPerRow(db, "quarter");
  console.log(
    `  kept                 quarter ${Math.round(quarter)} B a day of one, ${((quarter * HOSTS * (PER_HOST + 1) * 400) / 2 ** 30).toFixed(1)} GiB for 400 days`,
  );
  const line: string[] = [];
  for (const range of MetricRange.options) {
    const times: number[] = [];
    for (let run = 0; run <= READS; run++) {
      const id = host.instances[run % PER_HOST] as InstanceId;
      const began = performance.now();
      const view = await readInstanceMetrics(db, id, { range }, now + 90_000);
      if (Object.keys(view.series).length !== METRICS.length) throw new Error(`a chart of ${range} is empty`);
      if (run > 0) times.push(performance.now() - began);
    }
    line.push(`${range} ${median(times).toFixed(0)} ms`);
  }
  console.log(`  a chart read, p50    ${line.join(", ")}`);
}
