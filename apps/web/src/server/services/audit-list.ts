import type { AuditEventView, AuditFilter, AuditListInput } from "@indium/contract/api/audit-views";
import { AuditResult } from "@indium/contract/audit";
import { UserId } from "@indium/contract/ids";
import type { z } from "zod";
import type { Prisma } from "../../generated/prisma/client";
import type { Db } from "../db";

/** Null: what belongs to no organization. */
type Filter = Omit<z.output<typeof AuditFilter>, "organizationId"> & { organizationId: string | null };
type Row = Prisma.AuditEventGetPayload<Record<string, never>>;
const ACTORS_SHOWN = 200;

function whereOf(filter: Filter): Prisma.AuditEventWhereInput {
  return {
    organizationId: filter.organizationId,
    ...(filter.actor === null ? {} : { actorId: filter.actor === "system" ? null : filter.actor }),
    ...(filter.action === null ? {} : { action: filter.action }),
    ...(filter.target === null ? {} : { targetId: filter.target }),
    ...(filter.from === null && filter.until === null
      ? {}
      : { at: { ...(filter.from === null ? {} : { gte: filter.from }), ...(filter.until === null ? {} : { lt: filter.until }) } }),
  };
}

/** Newest first, in the order in which it was written; the cursor is the last event's id, so that pages neither repeat nor skip. */
export async function listAudit(
  db: Db,
  query: Filter & Pick<z.output<typeof AuditListInput>, "cursor" | "limit">,
): Promise<{ items: AuditEventView[]; nextCursor: string | null }> {
  const rows = await rowsAfter(db, query, query.cursor === null ? null : BigInt(query.cursor), query.limit + 1);
  const page = rows.slice(0, query.limit);
  return { items: await viewsOf(db, page), nextCursor: rows.length > query.limit ? String(page.at(-1)?.id ?? "") || null : null };
}

/** Everything that the filter lets through, a page at a time. */
export async function* auditPages(db: Db, filter: Filter, pageSize: number): AsyncGenerator<AuditEventView[]> {
  for (let last: bigint | null = null; ; ) {
    const rows: Row[] = await rowsAfter(db, filter, last, pageSize);
    if (rows.length > 0) yield await viewsOf(db, rows);
    if (rows.length < pageSize) return;
    last = rows.at(-1)?.id ?? null;
  }
}

function rowsAfter(db: Db, filter: Filter, last: bigint | null, take: number): Promise<Row[]> {
  return db.auditEvent.findMany({
    where: { ...whereOf(filter), ...(last === null ? {} : { id: { lt: last } }) },
    orderBy: { id: "desc" },
    take,
  });
}

/** By name. */
export async function auditActors(db: Db, organizationId: string | null): Promise<{ id: UserId; name: string }[]> {
  const rows = await db.auditEvent.findMany({
    where: { organizationId, actorId: { not: null } },
    distinct: ["actorId"],
    select: { actorId: true },
    take: ACTORS_SHOWN,
  });
  const users = await db.user.findMany({
    where: { id: { in: rows.flatMap((row) => row.actorId ?? []) } },
    select: { id: true, name: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
  return users.map((user) => ({ id: UserId.parse(user.id), name: user.name }));
}

async function viewsOf(db: Db, rows: readonly Row[]): Promise<AuditEventView[]> {
  const [actors, targets] = await Promise.all([
    namesOf(
      db,
      "user",
      rows.flatMap((row) => row.actorId ?? []),
    ),
    targetNames(db, rows),
  ]);
  return rows.map((row) => ({
    id: String(row.id),
    at: row.at,
    actor: row.actorId === null ? null : { id: row.actorId, name: actors.get(row.actorId) ?? null },
    action: row.action,
    target: { kind: row.targetKind, id: row.targetId, name: targets.get(`${row.targetKind}:${row.targetId}`) ?? nameIn(row.detail) },
    result: AuditResult.catch("success").parse(row.result),
    remoteAddress: row.remoteAddress,
    detail: typeof row.detail === "object" && row.detail !== null && !Array.isArray(row.detail) ? row.detail : {},
  }));
}

/** Of something that is gone the event itself may know the name. */
function nameIn(detail: Prisma.JsonValue): string | null {
  const name = typeof detail === "object" && detail !== null && !Array.isArray(detail) ? detail.name : null;
  return typeof name === "string" ? name : null;
}

async function targetNames(db: Db, rows: readonly Row[]): Promise<Map<string, string>> {
  const idsOf = new Map<string, Set<string>>();
  for (const { targetKind, targetId } of rows) {
    if (targetId === null) continue;
    const ids = idsOf.get(targetKind) ?? new Set();
    idsOf.set(targetKind, ids.add(targetId));
  }
  const found = await Promise.all([...idsOf].map(async ([kind, ids]) => [kind, await namesOf(db, kind, [...ids])] as const));
  return new Map(found.flatMap(([kind, names]) => [...names].map(([id, name]) => [`${kind}:${id}`, name] as const)));
}

/** What things are called now. */
async function namesOf(db: Db, kind: string, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const query = { where: { id: { in: [...new Set(ids)] } }, select: { id: true, name: true } } satisfies { where: object; select: object };
  const rows = await (() => {
    switch (kind) {
      case "instance":
        return db.instance.findMany(query);
      case "host":
        return db.host.findMany(query);
      case "image":
        return db.image.findMany(query);
      case "network":
        return db.network.findMany(query);
      case "site":
        return db.site.findMany(query);
      case "securityGroup":
        return db.securityGroup.findMany(query);
      case "size":
        return db.size.findMany(query);
      case "sshKey":
        return db.sshKey.findMany(query);
      case "user":
      case "member":
        return db.user.findMany(query);
      case "organization":
        return db.organization.findMany(query);
      default:
        return [];
    }
  })();
  return new Map(rows.map((row) => [row.id, row.name]));
}
