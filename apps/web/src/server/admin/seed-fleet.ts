import { AppError } from "@indium/contract/errors";
import { HostFacts, HostUsage } from "@indium/contract/host";
import { GIB } from "@indium/contract/plain/bytes";
import { z } from "zod";
import type { Db, Tx } from "../db";
import type { AdminContext } from "./commands";
import { refuseBeyondThisMachine } from "./this-machine";

/** Made-up things are told by their ids, so that seeding again adds what is missing. */
const HOST_ID = (n: string) => `'h-f' || lpad(to_hex(${n}), 16, '0')`;
const INSTANCE_ID = (n: string) => `'i-f' || lpad(to_hex(${n}), 16, '0')`;
const SITES = ["Rome", "Berlin", "Lisbon", "Oslo", "Vienna", "Turin", "Porto", "Graz"] as const;
const OPERATIONS_PER_INSTANCE = 2;
/** Nobody renews their leases: this long they display as if somebody did. */
const LEASE_MS = 10 * 365 * 86_400_000;

const Options = z.object({
  instances: z.coerce.number().int().min(1).max(100_000).default(10_000),
  hosts: z.coerce.number().int().min(1).max(5_000).default(500),
});

export interface Fleet {
  readonly instances: number;
  readonly hosts: number;
}

/**
 * Fills the first organization with hosts that never dial in and instances that run nowhere, for looking at long lists and measuring them.
 * @throws AppError `forbidden` where real hosts are, `precondition_failed` before set-up.
 */
export async function seedFleet(context: AdminContext, options: Readonly<Record<string, string | undefined>>): Promise<Fleet> {
  refuseBeyondThisMachine(context.env.publicUrl);
  const fleet = Options.parse(options);
  const { db } = context;
  const real = await db.host.findFirst({ where: { simulated: false, revokedAt: null }, select: { name: true } });
  if (real !== null)
    throw new AppError(
      "forbidden",
      `Host ${real.name} is a real one. A made-up fleet belongs into an installation of simulated hosts alone.`,
    );
  const organization = await db.organization.findFirst({ orderBy: [{ createdAt: "asc" }, { id: "asc" }], select: { id: true } });
  if (organization === null) throw new AppError("precondition_failed", "Set this installation up first: there is no organization to fill.");
  await fillWithFleet(db, organization.id, fleet, context.now().getTime());
  return fleet;
}

export async function fillWithFleet(db: Db, organizationId: string, fleet: Fleet, nowMs: number): Promise<void> {
  const image = await db.image.findFirst({ where: { deletedAt: null }, orderBy: { position: "asc" }, select: { id: true } });
  if (image === null) throw new AppError("precondition_failed", "There is no image yet. Start Indium once, which fills its catalogue.");
  await db.$transaction(
    async (tx) => {
      await seedHosts(tx, organizationId, fleet.hosts, nowMs);
      await seedInstances(tx, organizationId, image.id, fleet, nowMs);
      await seedHistory(tx, organizationId, fleet.instances * OPERATIONS_PER_INSTANCE, fleet.instances);
    },
    { timeout: 300_000, maxWait: 30_000 },
  );
  await db.$executeRawUnsafe(`ANALYZE "Host", "Instance", "InstanceRuntime", "Nic", "Operation", "OperationStep"`);
}

async function seedHosts(tx: Tx, organizationId: string, count: number, nowMs: number): Promise<void> {
  await tx.$executeRawUnsafe(
    `INSERT INTO "Site" (id, "organizationId", name)
     SELECT 'site-f' || lpad(to_hex(n), 16, '0'), $1, (($2)::text[])[n] FROM generate_series(1, array_length(($2)::text[], 1)) n
     ON CONFLICT DO NOTHING`,
    organizationId,
    SITES,
  );
  // Of every 25 one cannot be reached and of every 100 one never linked, as fleets are.
  await tx.$executeRawUnsafe(
    `INSERT INTO "Host" (id, "organizationId", "siteId", name, "publicKey", "sealingKey", simulated, facts, usage, "agentVersion", "enrolledAt",
       "leaseExpiresAt", "lastSeenAt", "acceptedEpoch")
     SELECT ${HOST_ID("n")}, $1, s.id, lower(s.name) || '-' || lpad(n::text, 3, '0'),
       encode(sha256(('key of ' || n)::bytea), 'base64'), encode(sha256(('box of ' || n)::bytea), 'base64'), true,
       jsonb_set($2::jsonb, '{hostname}', to_jsonb(lower(s.name) || '-' || n)),
       jsonb_set($3::jsonb, '{cpuFraction}', to_jsonb((n * 37 % 100) / 100.0)), '0.1.0', $4::timestamp - n * interval '1 day',
       CASE WHEN n % 100 = 99 THEN NULL WHEN n % 25 = 7 THEN $4::timestamp - interval '3 hours' ELSE $5::timestamp END,
       CASE WHEN n % 100 = 99 THEN NULL WHEN n % 25 = 7 THEN $4::timestamp - interval '3 hours' ELSE $4::timestamp END,
       (SELECT "centreEpoch" FROM "Installation")
     FROM generate_series(1, $6::int) n
     JOIN (SELECT id, name, row_number() OVER (ORDER BY name) AS place, count(*) OVER () AS all_sites FROM "Site" WHERE "organizationId" = $1) s
       ON s.place = n % s.all_sites + 1
     ON CONFLICT DO NOTHING`,
    organizationId,
    JSON.stringify(FACTS),
    JSON.stringify({ ...USAGE, at: nowMs }),
    new Date(nowMs),
    new Date(nowMs + LEASE_MS),
    count,
  );
  await tx.$executeRawUnsafe(
    `INSERT INTO "Network" (id, "organizationId", "hostId", name, kind, "ipv4Cidr", "ipv4Gateway", "isDefault", state)
     SELECT 'net-f' || lpad(to_hex(n), 16, '0'), $1, ${HOST_ID("n")}, 'default', 'nat', '10.' || n / 200 || '.' || n % 200 || '.0/24',
       '10.' || n / 200 || '.' || n % 200 || '.1', true, 'ready'
     FROM generate_series(1, $2::int) n WHERE EXISTS (SELECT 1 FROM "Host" WHERE id = ${HOST_ID("n")})
     ON CONFLICT DO NOTHING`,
    organizationId,
    count,
  );
}

async function seedInstances(tx: Tx, organizationId: string, imageId: string, fleet: Fleet, nowMs: number): Promise<void> {
  // Two of three run, the rest are stopped, and of every hundred one failed and one is on its way.
  await tx.$executeRawUnsafe(
    `INSERT INTO "Instance" (id, "organizationId", name, "hostId", "imageId", "guestUuid", desired, vcpus, "memoryBytes", "diskBytes", "volumeId",
       firmware, tags, "createdAt")
     SELECT ${INSTANCE_ID("n")}, $1, (ARRAY['web', 'db', 'cache', 'worker', 'build', 'mail', 'edge'])[n % 7 + 1] || '-' || lpad(n::text, 5, '0'),
       ${HOST_ID("n % $3::int + 1")}, $2, md5('guest ' || n)::uuid::text, CASE WHEN n % 3 = 0 THEN 'stopped' ELSE 'running' END,
       1 << (n % 4), (1 << (n % 4)) * ${GIB}::bigint, 20 * ${GIB}::bigint, 'vol-f' || lpad(to_hex(n), 16, '0'), 'bios',
       jsonb_build_object('env', (ARRAY['production', 'staging', 'test'])[n % 3 + 1], 'team', (ARRAY['payments', 'search', 'platform', 'media'])[n % 4 + 1])
         || CASE WHEN n % 2500 = 0 THEN '{"legacy": ""}'::jsonb ELSE '{}'::jsonb END,
       $4::timestamp - n * interval '1 hour'
     FROM generate_series(1, $5::int) n
     ON CONFLICT DO NOTHING`,
    organizationId,
    imageId,
    fleet.hosts,
    new Date(nowMs),
    fleet.instances,
  );
  await tx.$executeRawUnsafe(
    `INSERT INTO "InstanceRuntime" ("instanceId", "observedState", "observedGeneration", "appliedGeneration", "startedAt", error, "observedAt")
     SELECT i.id, CASE WHEN n % 100 = 1 THEN 'failed' WHEN n % 100 = 2 THEN 'starting' WHEN n % 3 = 0 THEN 'stopped' ELSE 'running' END, 1, 1,
       CASE WHEN n % 3 <> 0 THEN $2::timestamp - n * interval '1 minute' END,
       CASE WHEN n % 100 = 1 THEN '{"code": "disk_full", "message": "The disk could not be made: no space is left on the host."}'::jsonb END,
       $2::timestamp
     FROM generate_series(1, $1::int) n JOIN "Instance" i ON i.id = ${INSTANCE_ID("n")}
     ON CONFLICT DO NOTHING`,
    fleet.instances,
    new Date(nowMs),
  );
  await tx.$executeRawUnsafe(
    `INSERT INTO "Nic" (id, "instanceId", "networkId", position, "macAddress", ipv4)
     SELECT 'nic-f' || lpad(to_hex(n), 16, '0'), i.id, 'net-f' || lpad(to_hex(n % $2::int + 1), 16, '0'), 0,
       regexp_replace('5254' || lpad(to_hex(n), 8, '0'), '(..)(?=.)', '\\1:', 'g'),
       CASE WHEN n / $2::int < 250 THEN regexp_replace(w."ipv4Cidr", '0/24$', (n / $2::int + 2)::text) END
     FROM generate_series(1, $1::int) n JOIN "Instance" i ON i.id = ${INSTANCE_ID("n")}
     JOIN "Network" w ON w.id = 'net-f' || lpad(to_hex(n % $2::int + 1), 16, '0')
     ON CONFLICT DO NOTHING`,
    fleet.instances,
    fleet.hosts,
  );
}

async function seedHistory(tx: Tx, organizationId: string, count: number, instances: number): Promise<void> {
  await tx.$executeRawUnsafe(
    `INSERT INTO "Operation" (id, "organizationId", kind, state, "instanceId", "hostId", "createdAt", "startedAt", "endedAt", error)
     SELECT 'op-f' || lpad(to_hex(n), 16, '0'), $1, (ARRAY['instance.start', 'instance.stop', 'instance.reboot'])[n % 3 + 1],
       CASE WHEN n % 40 = 3 THEN 'failed' ELSE 'succeeded' END, i.id, i."hostId", at, at, at + (n % 90) * interval '1 second',
       CASE WHEN n % 40 = 3 THEN '{"code": "host_timeout", "message": "The host did not answer in time."}'::jsonb END
     FROM generate_series(1, $2::int) n JOIN "Instance" i ON i.id = ${INSTANCE_ID("n % $3::int + 1")}
     CROSS JOIN LATERAL (SELECT i."createdAt" + (n / $3::int + 1) * interval '10 minutes' AS at) AS t
     ON CONFLICT DO NOTHING`,
    organizationId,
    count,
    instances,
  );
  await tx.$executeRawUnsafe(
    `INSERT INTO "OperationStep" ("operationId", position, name, state, "startedAt", "endedAt")
     SELECT o.id, p, (ARRAY['Send to the host', 'Wait for the host'])[p + 1], CASE WHEN p = 1 THEN o.state ELSE 'succeeded' END, o."createdAt", o."endedAt"
     FROM "Operation" o CROSS JOIN generate_series(0, 1) p WHERE o."organizationId" = $1 AND o.id LIKE 'op-f000%'
     ON CONFLICT DO NOTHING`,
    organizationId,
  );
}

const FACTS: HostFacts = HostFacts.parse({
  hostname: "made-up",
  operatingSystem: "Debian 13",
  kernel: "6.12",
  architecture: "x86_64",
  agentVersion: "0.1.0",
  driver: "simulated",
  hypervisorVersion: null,
  acceleration: "simulated",
  accelerationReason: null,
  cpu: { model: "Made up", sockets: 2, cores: 32, threads: 64 },
  memoryBytes: 512 * GIB,
  disks: [],
  nics: [],
  storage: { path: "/var/lib/indium-agent", sizeBytes: 8_192 * GIB },
  bootedAt: 1,
  warnings: [],
});

const USAGE: HostUsage = HostUsage.parse({
  at: 1,
  cpuFraction: 0,
  memoryUsedBytes: 200 * GIB,
  storageUsedBytes: 2_000 * GIB,
  networkReceivedBytesPerSecond: 1_000_000,
  networkSentBytesPerSecond: 400_000,
  instances: [],
});
