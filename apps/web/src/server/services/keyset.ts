import type { SortDirection } from "@indium/contract/api/list-range";
import { AppError } from "@indium/contract/errors";
import { readForeignJson } from "@indium/tunnel/foreign-json";
import { z } from "zod";
import { Prisma } from "../../generated/prisma/client";

/**
 * Pages of a long list by the rows' own places in its order (what they are sorted by, then the id), never by counting rows: pages neither
 * repeat nor skip while rows come and go, and the thousandth costs what the first does. Sorted by something that changes (a state), a row that
 * moves meanwhile may be met twice or not at all until the list is asked for again.
 */
export interface Order {
  /** Never null. */
  readonly key: Prisma.Sql;
  readonly id: Prisma.Sql;
  readonly type: "text" | "timestamp";
  readonly direction: SortDirection;
}

export interface Range {
  readonly cursor: string | null;
  readonly until: string | null;
  readonly limit: number;
}

/** Selected with the row, for the cursors made of it. */
export interface Placed {
  readonly id: string;
  readonly key: Date | string;
}

const Place = z.tuple([z.string(), z.string()]);

export function cursorOf({ key, id }: Placed): string {
  return Buffer.from(JSON.stringify([key instanceof Date ? key.toISOString() : key, id])).toString("base64url");
}

/** What the query's WHERE takes besides its filters. @throws AppError `bad_request` for a cursor that is none. */
export function rangeSql(order: Order, range: Range): Prisma.Sql[] {
  const place = Prisma.sql`(${order.key}, ${order.id})`;
  const { cursor, until } = range;
  const bound = (text: string) => {
    const [key, id] = parse(text, order.type);
    const value = order.type === "timestamp" ? Prisma.sql`${new Date(key)}::timestamp` : Prisma.sql`${key}::text`;
    return Prisma.sql`(${value}, ${id}::text)`;
  };
  const ascending = order.direction === "asc";
  return [
    ...(cursor === null ? [] : [Prisma.sql`${place} ${ascending ? Prisma.sql`>` : Prisma.sql`<`} ${bound(cursor)}`]),
    ...(until === null ? [] : [Prisma.sql`${place} ${ascending ? Prisma.sql`<=` : Prisma.sql`>=`} ${bound(until)}`]),
  ];
}

/** One row more than asked for, which says whether there is a next page. */
export function orderSql(order: Order, range: Range): Prisma.Sql {
  const way = order.direction === "asc" ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  return Prisma.sql`ORDER BY ${order.key} ${way}, ${order.id} ${way} LIMIT ${range.limit + 1}`;
}

export function pageOf<Row extends Placed>(rows: readonly Row[], limit: number): { page: readonly Row[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

/** For ILIKE: what the user typed, anywhere in the text, and nothing of it a wildcard. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

function parse(text: string, type: Order["type"]): [key: string, id: string] {
  try {
    const place = Place.parse(readForeignJson(Buffer.from(text, "base64url").toString("utf8")));
    // Postgres takes no NUL in a text, and no year that has not four digits.
    const year = type === "text" ? 2000 : new Date(place[0]).getUTCFullYear();
    if (!place.join("").includes("\0") && year >= 1 && year <= 9_999) return place;
  } catch {
    // Said below.
  }
  throw new AppError("bad_request", "This page of the list cannot be found. Start again at its top.");
}
