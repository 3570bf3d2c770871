import type { SearchHit, SearchKind } from "@indium/contract/api/search";
import { Prisma } from "../../generated/prisma/client";
import type { Db } from "../db";

/** Of each kind: a palette is read, not paged through. */
const MOST_OF_A_KIND = 6;

/**
 * Things of one organization by a part of their name, whole ids and addresses included. Names that begin with the text come first, then the
 * shorter ones: what was typed is most of them.
 */
export async function search(db: Db, organizationId: string, text: string): Promise<SearchHit[]> {
  const part = `%${escaped(text)}%`;
  const start = `${escaped(text)}%`;
  const best = (name: Prisma.Sql) => Prisma.sql`ORDER BY ${name} ILIKE ${start} DESC, length(${name}), ${name} LIMIT ${MOST_OF_A_KIND}`;
  type Row = { id: string; name: string; about: string | null };
  const instanceName = Prisma.sql`i.name`;
  const hostName = Prisma.sql`h.name`;
  const plainName = Prisma.sql`name`;
  const [instances, hosts, images, networks, groups, sites] = await Promise.all([
    db.$queryRaw<Row[]>`SELECT i.id, i.name, h.name AS about FROM "Instance" i LEFT JOIN "Host" h ON h.id = i."hostId"
      WHERE i."organizationId" = ${organizationId} AND i."deletedAt" IS NULL AND (i.name ILIKE ${part} OR i.id = ${text}
        OR EXISTS (SELECT 1 FROM "Nic" n WHERE n."instanceId" = i.id AND (n.ipv4 = ${text} OR n."macAddress" = ${text.toLowerCase()})))
      ${best(instanceName)}`,
    db.$queryRaw<Row[]>`SELECT h.id, h.name, s.name AS about FROM "Host" h LEFT JOIN "Site" s ON s.id = h."siteId"
      WHERE h."organizationId" = ${organizationId} AND h."revokedAt" IS NULL AND (h.name ILIKE ${part} OR h.id = ${text}) ${best(hostName)}`,
    db.$queryRaw<Row[]>`SELECT id, name, NULL AS about FROM "Image"
      WHERE ("organizationId" IS NULL OR "organizationId" = ${organizationId}) AND "deletedAt" IS NULL AND (name ILIKE ${part} OR id = ${text})
      ${best(plainName)}`,
    db.$queryRaw<
      Row[]
    >`SELECT w.id, w.name, concat_ws(', ', h.name, w."ipv4Cidr") AS about FROM "Network" w JOIN "Host" h ON h.id = w."hostId"
      WHERE w."organizationId" = ${organizationId} AND w."deletedAt" IS NULL AND (w.name ILIKE ${part} OR w.id = ${text} OR w."ipv4Cidr" = ${text})
      ${best(Prisma.sql`w.name`)}`,
    db.$queryRaw<Row[]>`SELECT id, name, NULL AS about FROM "SecurityGroup"
      WHERE "organizationId" = ${organizationId} AND (name ILIKE ${part} OR id = ${text}) ${best(plainName)}`,
    db.$queryRaw<Row[]>`SELECT id, name, NULL AS about FROM "Site"
      WHERE "organizationId" = ${organizationId} AND (name ILIKE ${part} OR id = ${text}) ${best(plainName)}`,
  ]);
  const of = (kind: SearchKind, rows: readonly Row[]): SearchHit[] =>
    rows.map(({ id, name, about }) => ({ kind, id, name, about: about || null }));
  return [
    ...of("instance", instances),
    ...of("host", hosts),
    ...of("network", networks),
    ...of("image", images),
    ...of("securityGroup", groups),
    ...of("site", sites),
  ];
}

const escaped = (text: string): string => text.replace(/[\\%_]/g, "\\$&");
