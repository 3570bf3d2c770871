import { type Attention, FleetView, MAX_ATTENTION, type SiteHealth } from "@indium/contract/api/fleet-views";
import type { GuestFinding } from "@indium/contract/guest-finding";
import type { OrganizationId } from "@indium/contract/ids";
import type { DisplayedState } from "@indium/contract/states";
import { roleMay } from "@indium/domain/policy";
import { Prisma } from "../../generated/prisma/client";
import type { Db } from "../db";
import type { Actor } from "./actor";
import { displayedStateSql } from "./instance-list";
import { listOrganizations } from "./organizations";

/** From here on a host's storage is worth a look; new disks are refused later than that. */
const STORAGE_LOW = 0.9;

interface SiteRow {
  readonly id: string;
  readonly name: string;
  readonly organizationId: string;
}
interface HostRow {
  readonly id: string;
  readonly name: string;
  readonly organizationId: string;
  readonly siteId: string | null;
  readonly online: boolean;
  readonly linked: boolean;
  readonly cordoned: boolean;
  readonly lastSeenAt: Date | null;
  readonly memory: bigint | null;
  readonly storage: bigint | null;
  readonly storageUsed: bigint | null;
}
interface CountRow {
  readonly organizationId: string;
  readonly hostId: string | null;
  readonly state: DisplayedState;
  readonly count: bigint;
  readonly memory: bigint;
}
interface TroubleRow {
  readonly id: string;
  readonly name: string;
  readonly organizationId: string;
  readonly siteId: string | null;
  readonly state: DisplayedState;
  readonly message: string | null;
  readonly findings: readonly GuestFinding[];
  readonly since: Date;
  readonly total: bigint;
}

/** The organization, and for a provider the customers that this person may look into. */
export async function fleetOrganizations(db: Db, actor: Actor, organizationId: OrganizationId): Promise<readonly OrganizationId[]> {
  return (await fleetOf(db, actor, organizationId)).map(({ id }) => id);
}

async function fleetOf(db: Db, actor: Actor, organizationId: OrganizationId) {
  const reached = await listOrganizations(db, actor);
  return reached.filter(
    ({ id, providerId, role }) => (id === organizationId || providerId === organizationId) && roleMay(role, "host.read"),
  );
}

/** Health by site, and what needs a person, over a whole fleet: four queries whatever its size. */
export async function fleetHealth(db: Db, actor: Actor, organizationId: OrganizationId, now: Date): Promise<FleetView> {
  const organizations = await fleetOf(db, actor, organizationId);
  const ids = organizations.map(({ id }) => id);
  const [sites, hosts, counts, troubles] = await Promise.all([
    db.$queryRaw<SiteRow[]>`SELECT id, name, "organizationId" FROM "Site" WHERE "organizationId" = ANY(${ids}) ORDER BY name, id`,
    db.$queryRaw<HostRow[]>`
      SELECT id, name, "organizationId", "siteId", "leaseExpiresAt" IS NOT NULL AS linked, coalesce("leaseExpiresAt" > ${now}::timestamp, false) AS online,
        "cordonedAt" IS NOT NULL AS cordoned, "lastSeenAt", (facts->>'memoryBytes')::bigint AS memory,
        (facts->'storage'->>'sizeBytes')::bigint AS storage, (usage->>'storageUsedBytes')::bigint AS "storageUsed"
      FROM "Host" WHERE "organizationId" = ANY(${ids}) AND "revokedAt" IS NULL ORDER BY name, id`,
    db.$queryRaw<CountRow[]>`
      SELECT i."organizationId", i."hostId", ${displayedStateSql(now)} AS state, count(*) AS count,
        coalesce(sum(i."memoryBytes") FILTER (WHERE i.desired NOT IN ('stopped', 'gone')), 0)::bigint AS memory
      FROM "Instance" i LEFT JOIN "InstanceRuntime" r ON r."instanceId" = i.id LEFT JOIN "Host" h ON h.id = i."hostId"
      WHERE i."organizationId" = ANY(${ids}) AND i."deletedAt" IS NULL GROUP BY 1, 2, 3`,
    db.$queryRaw<TroubleRow[]>(troubleSql(ids, now)),
  ]);
  const siteById = new Map(sites.map((site) => [site.id, site]));
  const nameById = new Map<string, string>(organizations.map(({ id, name }) => [id, name]));
  const about = (row: { organizationId: string; siteId: string | null }) => ({
    organizationId: row.organizationId,
    organizationName: nameById.get(row.organizationId) ?? "",
    siteName: siteById.get(row.siteId ?? "")?.name ?? null,
  });
  const onHost = groupBy(counts, (row) => row.hostId);
  const attention = [
    ...hosts.flatMap((host): unknown[] =>
      host.linked && !host.online
        ? [
            {
              kind: "hostUnreachable",
              ...about(host),
              hostId: host.id,
              hostName: host.name,
              since: host.lastSeenAt,
              instances: sum(onHost.get(host.id) ?? [], ({ count }) => count),
            },
          ]
        : [],
    ),
    ...troubles.map((row) => ({ ...about(row), instanceId: row.id, instanceName: row.name, since: row.since, ...troubleOf(row) })),
    ...hosts.flatMap((host): unknown[] => {
      const [usedBytes, totalBytes] = [Number(host.storageUsed ?? 0n), Number(host.storage ?? 0n)];
      return host.online && totalBytes > 0 && usedBytes / totalBytes >= STORAGE_LOW
        ? [{ kind: "storageLow", ...about(host), hostId: host.id, hostName: host.name, usedBytes, totalBytes }]
        : [];
    }),
  ];
  const unlisted = Number(troubles[0]?.total ?? 0n) - troubles.length;
  return FleetView.parse({
    instances: countsOf(counts.filter((row) => row.organizationId === organizationId)),
    sites: sites.map((site) => ({ ...about({ ...site, siteId: site.id }), ...healthOf(site, hosts, onHost) })),
    attention: attention.slice(0, MAX_ATTENTION),
    attentionTotal: attention.length + unlisted,
  });
}

function healthOf(
  site: SiteRow,
  hosts: readonly HostRow[],
  onHost: ReadonlyMap<string | null, readonly CountRow[]>,
): Omit<SiteHealth, "organizationId" | "organizationName" | "siteName" | "siteId"> & { siteId: string } {
  const own = hosts.filter((host) => host.siteId === site.id);
  const rows = own.flatMap((host) => onHost.get(host.id) ?? []);
  return {
    siteId: site.id,
    hosts: {
      total: own.length,
      online: own.filter(({ online }) => online).length,
      cordoned: own.filter(({ cordoned }) => cordoned).length,
    },
    instances: countsOf(rows),
    memory: { allocated: sum(rows, ({ memory }) => memory), total: sum(own, ({ memory }) => memory) },
    storage: { used: sum(own, ({ storageUsed }) => storageUsed), total: sum(own, ({ storage }) => storage) },
  };
}

const countsOf = (rows: readonly CountRow[]): SiteHealth["instances"] =>
  [...groupBy(rows, ({ state }) => state)].map(([state, group]) => ({ state, count: sum(group, ({ count }) => count) }));

function groupBy<T, K>(rows: readonly T[], key: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
}

const sum = <T>(rows: readonly T[], of: (row: T) => bigint | null): number => Number(rows.reduce((all, row) => all + (of(row) ?? 0n), 0n));

/** The gravest first, the newest of them before; as many as are shown, each with how many there are. */
function troubleSql(organizationIds: readonly string[], now: Date): Prisma.Sql {
  return Prisma.sql`
    SELECT id, name, "organizationId", "siteId", state, message, findings, since, count(*) OVER () AS total FROM (
      SELECT i.id, i.name, i."organizationId", h."siteId", ${displayedStateSql(now)} AS state, r.error->>'message' AS message, r.findings,
        r."observedAt" AS since
      FROM "Instance" i JOIN "InstanceRuntime" r ON r."instanceId" = i.id JOIN "Host" h ON h.id = i."hostId"
      WHERE i."organizationId" = ANY(${organizationIds}) AND i."deletedAt" IS NULL
        AND (r."observedState" IN ('failed', 'crashed') OR r.findings <> '[]')
    ) AS troubled
    WHERE state IN ('failed', 'crashed') OR (state = 'running' AND findings <> '[]')
    ORDER BY array_position(ARRAY['failed', 'crashed', 'running'], state), since DESC, id LIMIT ${MAX_ATTENTION}`;
}

function troubleOf(row: TroubleRow): Pick<Extract<Attention, { kind: "instanceFailed" }>, "kind" | "message"> | object {
  switch (row.state) {
    case "failed":
      return { kind: "instanceFailed", message: row.message ?? "It could not be started." };
    case "crashed":
      return { kind: "instanceCrashed", message: row.message ?? "It ended by itself." };
    default:
      return { kind: "guestFinding", finding: row.findings.at(-1)?.kind };
  }
}
