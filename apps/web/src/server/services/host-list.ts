import type { HostPageInput, HostSort, HostView } from "@indium/contract/api/host-views";
import type { OrganizationId } from "@indium/contract/ids";
import type { HostState } from "@indium/contract/states";
import type { z } from "zod";
import { Prisma } from "../../generated/prisma/client";
import type { Db } from "../db";
import { hostViews } from "./hosts";
import { containing, type Order, orderSql, type Placed, pageOf, rangeSql } from "./keyset";

/** `hostState` in SQL, of the host h; a test holds the two together. */
export function hostStateSql(now: Date): Prisma.Sql {
  return Prisma.sql`CASE
    WHEN h."revokedAt" IS NOT NULL THEN 'revoked'
    WHEN h."leaseExpiresAt" IS NULL THEN 'pending'
    WHEN h."leaseExpiresAt" > ${now}::timestamp THEN 'online'
    ELSE 'unreachable' END`;
}

type Query = z.output<typeof HostPageInput>;
interface HostPage {
  items: HostView[];
  nextCursor: string | null;
  total: number | null;
}

/** Without their events, which only a host's own page shows. */
export async function pageOfHosts(db: Db, organizationId: OrganizationId, query: Query, now: Date): Promise<HostPage> {
  const from = Prisma.sql`FROM "Host" h LEFT JOIN "Site" s ON s.id = h."siteId"`;
  const order = { ...sortKey(query.sort, now), id: Prisma.sql`h.id`, direction: query.direction };
  const filters = filtersSql(organizationId, query, now);
  const ranged = Prisma.join([...filters, ...rangeSql(order, query)], " AND ");
  const [count, places] = await Promise.all([
    query.cursor === null
      ? db.$queryRaw<{ total: bigint }[]>`SELECT count(*) AS total ${from} WHERE ${Prisma.join(filters, " AND ")}`
      : null,
    db.$queryRaw<Placed[]>`SELECT h.id, ${order.key} AS key ${from} WHERE ${ranged} ${orderSql(order, query)}`,
  ]);
  const { page, nextCursor } = pageOf(places, query.limit);
  const ids = page.map((row) => row.id);
  const rows = await db.host.findMany({ where: { id: { in: ids } }, include: { site: true } });
  const views = new Map((await hostViews(db, rows, now.getTime())).map((view) => [view.id as string, view]));
  return {
    items: ids.flatMap((id) => views.get(id) ?? []),
    nextCursor,
    total: count === null ? null : Number(count[0]?.total ?? 0n),
  };
}

function sortKey(sort: HostSort, now: Date): Pick<Order, "key" | "type"> {
  switch (sort) {
    case "name":
      return { key: Prisma.sql`h.name`, type: "text" };
    case "state":
      return { key: hostStateSql(now), type: "text" };
    case "site":
      return { key: Prisma.sql`coalesce(s.name, '')`, type: "text" };
    case "enrolled":
      return { key: Prisma.sql`h."enrolledAt"`, type: "timestamp" };
  }
}

function filtersSql(organizationId: OrganizationId, query: Query, now: Date): Prisma.Sql[] {
  const { siteId, state } = query;
  const search = query.search.trim();
  const pattern = containing(search);
  return [
    Prisma.sql`h."organizationId" = ${organizationId}`,
    Prisma.sql`h."revokedAt" IS NULL`,
    ...(siteId === null ? [] : [Prisma.sql`h."siteId" = ${siteId}`]),
    ...(search === "" ? [] : [Prisma.sql`(h.name ILIKE ${pattern} OR s.name ILIKE ${pattern} OR h.id = ${search})`]),
    ...(state === null ? [] : [Prisma.sql`${hostStateSql(now)} = ${state satisfies HostState}`]),
  ];
}
