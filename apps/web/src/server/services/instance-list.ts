import type { InstanceListInput, InstanceListItem } from "@indium/contract/api/instance-views";
import { AppError } from "@indium/contract/errors";
import type { DisplayedState } from "@indium/contract/states";
import type { z } from "zod";
import { Prisma } from "../../generated/prisma/client";
import type { Db } from "../db";
import type { OrganizationScope } from "./authorize";
import { INSTANCE_LIST_INCLUDE, instanceListItem } from "./instance-views";

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

/** Newest first; the cursor is the last row's time and id, so that pages neither repeat nor skip while instances come and go. */
export async function listInstances(
  db: Db,
  scope: OrganizationScope,
  query: Query,
  now: Date,
): Promise<{ items: InstanceListItem[]; nextCursor: string | null; total: number }> {
  const from = Prisma.sql`FROM "Instance" i LEFT JOIN "InstanceRuntime" r ON r."instanceId" = i.id LEFT JOIN "Host" h ON h.id = i."hostId"`;
  const filters = [
    Prisma.sql`i."organizationId" = ${scope.id}`,
    Prisma.sql`i."deletedAt" IS NULL`,
    ...(query.hostId === null ? [] : [Prisma.sql`i."hostId" = ${query.hostId}`]),
    ...(query.search.trim() === "" ? [] : [searchSql(query.search.trim())]),
    ...(query.state === null ? [] : [Prisma.sql`${displayedStateSql(now)} = ${query.state satisfies DisplayedState}`]),
  ];
  const where = Prisma.join(filters, " AND ");
  const after = query.cursor === null ? Prisma.empty : afterSql(query.cursor);
  const [count, ids] = await Promise.all([
    db.$queryRaw<{ total: bigint }[]>`SELECT count(*) AS total ${from} WHERE ${where}`,
    db.$queryRaw<{ id: string; createdAt: Date }[]>`
      SELECT i.id, i."createdAt" ${from} WHERE ${where} ${after} ORDER BY i."createdAt" DESC, i.id DESC LIMIT ${query.limit + 1}`,
  ]);
  const page = ids.slice(0, query.limit);
  const rows = await db.instance.findMany({ where: { id: { in: page.map((row) => row.id) } }, include: INSTANCE_LIST_INCLUDE });
  const byId = new Map(rows.map((row) => [row.id, row]));
  const last = page.at(-1);
  return {
    items: page.flatMap(({ id }) => {
      const row = byId.get(id);
      return row === undefined ? [] : [instanceListItem(row, scope, now.getTime())];
    }),
    nextCursor: ids.length > query.limit && last !== undefined ? `${last.createdAt.toISOString()}~${last.id}` : null,
    total: Number(count[0]?.total ?? 0n),
  };
}

function searchSql(text: string): Prisma.Sql {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return Prisma.sql`(i.name ILIKE ${pattern} OR i.id = ${text} OR h.name ILIKE ${pattern}
    OR EXISTS (SELECT 1 FROM "Nic" n WHERE n."instanceId" = i.id AND (n.ipv4 = ${text} OR n."macAddress" = ${text.toLowerCase()})))`;
}

function afterSql(cursor: string): Prisma.Sql {
  const [at, id] = cursor.split("~");
  const date = new Date(at ?? "");
  if (id === undefined || Number.isNaN(date.getTime()))
    throw new AppError("bad_request", "This page of the list cannot be found. Start again at its top.");
  return Prisma.sql`AND (i."createdAt", i.id) < (${date}::timestamp, ${id})`;
}
