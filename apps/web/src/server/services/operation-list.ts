import type { OperationListInput, OperationView } from "@indium/contract/api/instance-views";
import type { z } from "zod";
import { Prisma } from "../../generated/prisma/client";
import type { Db } from "../db";
import { containing, orderSql, type Placed, pageOf, rangeSql } from "./keyset";
import { OPERATION_INCLUDE, operationViews } from "./operations";

type Query = z.output<typeof OperationListInput>;
interface OperationPage {
  items: OperationView[];
  nextCursor: string | null;
  total: number | null;
}

/** The history, as long as it may be, read from the index over when each was asked for. */
export async function listOperations(db: Db, query: Query): Promise<OperationPage> {
  const order = { key: Prisma.sql`o."createdAt"`, id: Prisma.sql`o.id`, type: "timestamp", direction: query.direction } as const;
  const filters = filtersSql(query);
  const ranged = Prisma.join([...filters, ...rangeSql(order, query)], " AND ");
  const [count, places] = await Promise.all([
    query.cursor === null
      ? db.$queryRaw<{ total: bigint }[]>`SELECT count(*) AS total FROM "Operation" o WHERE ${Prisma.join(filters, " AND ")}`
      : null,
    db.$queryRaw<Placed[]>`SELECT o.id, ${order.key} AS key FROM "Operation" o WHERE ${ranged} ${orderSql(order, query)}`,
  ]);
  const { page, nextCursor } = pageOf(places, query.limit);
  const rows = await db.operation.findMany({ where: { id: { in: page.map((row) => row.id) } }, include: OPERATION_INCLUDE });
  const views = new Map((await operationViews(db, rows)).map((view) => [view.id as string, view]));
  return { items: page.flatMap(({ id }) => views.get(id) ?? []), nextCursor, total: count === null ? null : Number(count[0]?.total ?? 0n) };
}

/** In the very words of its partial index, which a parameter would hide from the planner. */
const OPEN = Prisma.sql`o.state IN ('pending', 'running', 'waiting')`;

function filtersSql({ organizationId, instanceId, hostId, state, ids, search }: Query): Prisma.Sql[] {
  const text = search.trim();
  return [
    Prisma.sql`o."organizationId" = ${organizationId}`,
    ...(instanceId === null ? [] : [Prisma.sql`o."instanceId" = ${instanceId}`]),
    ...(hostId === null ? [] : [Prisma.sql`o."hostId" = ${hostId}`]),
    ...(ids === null ? [] : [Prisma.sql`o.id = ANY(${ids})`]),
    ...(state === null ? [] : [state === "open" ? OPEN : Prisma.sql`o.state = ${state}`]),
    ...(text === ""
      ? []
      : [
          Prisma.sql`o."instanceId" IN (SELECT id FROM "Instance" WHERE "organizationId" = ${organizationId} AND name ILIKE ${containing(text)})`,
        ]),
  ];
}
