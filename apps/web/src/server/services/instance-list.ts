import {
  type InstanceFilterOptions,
  InstanceFilterOptions as InstanceFilterOptionsSchema,
  type InstanceListInput,
  type InstanceListItem,
  type InstanceSort,
} from "@indium/contract/api/instance-views";
import type { OrganizationId } from "@indium/contract/ids";
import type { DisplayedState } from "@indium/contract/states";
import type { z } from "zod";
import { Prisma } from "../../generated/prisma/client";
import type { Db } from "../db";
import type { OrganizationScope } from "./authorize";
import { INSTANCE_LIST_INCLUDE, instanceListItem } from "./instance-views";
import { containing, type Order, orderSql, type Placed, pageOf, rangeSql } from "./keyset";

/**
 * `displayedState` of domain, in SQL, so that a list of 50,000 can be filtered by what people see; a test holds the two
 * together over every combination. The query names the instance i, its runtime r and its host h.
 */
export function displayedStateSql(now: Date): Prisma.Sql {
  return Prisma.sql`CASE
    WHEN i.desired = 'gone' THEN CASE WHEN r."observedState" = 'gone' THEN 'deleted' ELSE 'deleting' END
    WHEN i."hostId" IS NOT NULL AND NOT (h."revokedAt" IS NULL AND coalesce(h."leaseExpiresAt" > ${now}::timestamp, false)) THEN 'unknown'
    WHEN r."observedState" IS NULL OR r."observedState" IN ('absent', 'preparing') THEN 'creating'
    WHEN r."observedState" IN ('starting', 'stopping', 'rebooting', 'crashed') THEN r."observedState"
    WHEN r."observedState" IN ('deleting', 'gone') THEN 'deleting'
    WHEN r."observedState" = 'failed' THEN CASE WHEN r."appliedGeneration" < i."desiredGeneration" AND i.desired = 'running' THEN 'starting' ELSE 'failed' END
    WHEN r."observedState" = i.desired OR r."appliedGeneration" >= i."desiredGeneration" THEN r."observedState"
    WHEN r."observedState" = 'running' THEN CASE WHEN i.desired = 'paused' THEN 'pausing' ELSE 'stopping' END
    WHEN r."observedState" = 'paused' THEN CASE WHEN i.desired = 'running' THEN 'resuming' ELSE 'stopping' END
    ELSE 'starting' END`;
}

type Query = z.output<typeof InstanceListInput>;
interface InstancePage {
  items: InstanceListItem[];
  nextCursor: string | null;
  total: number | null;
}

/** A page of what matches; `keyset.ts` says how pages hold together. */
export async function listInstances(db: Db, scope: OrganizationScope, query: Query, now: Date): Promise<InstancePage> {
  const [count, places] = await Promise.all([
    query.cursor === null ? db.$queryRaw<{ total: bigint }[]>(countSql(scope, query, now)) : null,
    db.$queryRaw<Placed[]>(pageSql(scope, query, now)),
  ]);
  const { page, nextCursor } = pageOf(places, query.limit);
  const rows = await db.instance.findMany({ where: { id: { in: page.map((row) => row.id) } }, include: INSTANCE_LIST_INCLUDE });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return {
    items: page.flatMap(({ id }) => {
      const row = byId.get(id);
      return row === undefined ? [] : [instanceListItem(row, scope, now.getTime())];
    }),
    nextCursor,
    total: count === null ? null : Number(count[0]?.total ?? 0n),
  };
}

// What a query does not name, Postgres does not join: both joins are to at most one row.
const FROM = Prisma.sql`FROM "Instance" i LEFT JOIN "InstanceRuntime" r ON r."instanceId" = i.id LEFT JOIN "Host" h ON h.id = i."hostId"`;

/** The rows' places in the order, which the plan is tested of. */
export function pageSql(scope: OrganizationScope, query: Query, now: Date): Prisma.Sql {
  const order = { ...sortKey(query.sort, now), id: Prisma.sql`i.id`, direction: query.direction };
  const where = Prisma.join([...filtersSql(scope, query, now), ...rangeSql(order, query)], " AND ");
  return Prisma.sql`SELECT i.id, ${order.key} AS key ${FROM} WHERE ${where} ${orderSql(order, query)}`;
}

export function countSql(scope: OrganizationScope, query: Query, now: Date): Prisma.Sql {
  return Prisma.sql`SELECT count(*) AS total ${FROM} WHERE ${Prisma.join(filtersSql(scope, query, now), " AND ")}`;
}

function sortKey(sort: InstanceSort, now: Date): Pick<Order, "key" | "type"> {
  switch (sort) {
    case "created":
      return { key: Prisma.sql`i."createdAt"`, type: "timestamp" };
    case "name":
      return { key: Prisma.sql`i.name`, type: "text" };
    case "state":
      return { key: displayedStateSql(now), type: "text" };
    case "host":
      return { key: Prisma.sql`coalesce(h.name, '')`, type: "text" };
  }
}

function filtersSql(scope: OrganizationScope, query: Query, now: Date): Prisma.Sql[] {
  const { hostId, siteId, state, tag } = query;
  const search = query.search.trim();
  return [
    Prisma.sql`i."organizationId" = ${scope.id}`,
    Prisma.sql`i."deletedAt" IS NULL`,
    ...(hostId === null ? [] : [Prisma.sql`i."hostId" = ${hostId}`]),
    ...(siteId === null ? [] : [Prisma.sql`i."hostId" IN (SELECT id FROM "Host" WHERE "siteId" = ${siteId})`]),
    ...(tag === null ? [] : [tagSql(tag)]),
    ...(search === "" ? [] : [searchSql(scope, search)]),
    ...(state === null ? [] : [Prisma.sql`${displayedStateSql(now)} = ${state satisfies DisplayedState}`]),
  ];
}

/** Both are answered by the index over tags. */
function tagSql({ key, value }: NonNullable<Query["tag"]>): Prisma.Sql {
  return value === null ? Prisma.sql`i.tags ? ${key}` : Prisma.sql`i.tags @> ${JSON.stringify({ [key]: value })}::jsonb`;
}

/** Each subquery runs once, not once a row. */
function searchSql(scope: OrganizationScope, text: string): Prisma.Sql {
  const pattern = containing(text);
  const ways = [
    Prisma.sql`i.name ILIKE ${pattern}`,
    Prisma.sql`i.id = ${text}`,
    Prisma.sql`i."hostId" IN (SELECT id FROM "Host" WHERE "organizationId" = ${scope.id} AND name ILIKE ${pattern})`,
    Prisma.sql`i."imageId" IN (SELECT id FROM "Image" WHERE name ILIKE ${pattern})`,
    // An address or the beginning of one, given by us or learned from the LAN.
    ...(/^\d{1,3}\.[\d.]*$/.test(text)
      ? [
          Prisma.sql`i.id IN (SELECT "instanceId" FROM "Nic" WHERE ipv4 LIKE ${`${text}%`})`,
          // In the very words of its partial index.
          Prisma.sql`i.id IN (SELECT "instanceId" FROM "InstanceRuntime" WHERE "learnedAddresses" <> '{}' AND "learnedAddresses"::text LIKE ${`%"${text}%`})`,
        ]
      : []),
    ...(text.includes(":") ? [Prisma.sql`i.id IN (SELECT "instanceId" FROM "Nic" WHERE "macAddress" = ${text.toLowerCase()})`] : []),
  ];
  return Prisma.sql`(${Prisma.join(ways, " OR ")})`;
}

const TAGS_OFFERED = 200;

export async function instanceFilterOptions(db: Db, organizationId: OrganizationId): Promise<InstanceFilterOptions> {
  const [sites, hosts, tags] = await Promise.all([
    db.site.findMany({ where: { organizationId }, select: { id: true, name: true }, orderBy: { name: "asc" } }),
    db.host.findMany({
      where: { organizationId, revokedAt: null },
      select: { id: true, name: true, siteId: true },
      orderBy: [{ name: "asc" }, { id: "asc" }],
    }),
    db.$queryRaw<{ key: string; value: string; instances: bigint }[]>`
      SELECT tag.key, tag.value, count(*) AS instances
      FROM "Instance" i CROSS JOIN LATERAL jsonb_each_text(i.tags) AS tag
      WHERE i."organizationId" = ${organizationId} AND i."deletedAt" IS NULL
      GROUP BY tag.key, tag.value ORDER BY count(*) DESC, tag.key, tag.value LIMIT ${TAGS_OFFERED}`,
  ]);
  return InstanceFilterOptionsSchema.parse({ sites, hosts, tags: tags.map((tag) => ({ ...tag, instances: Number(tag.instances) })) });
}
