import { PrismaPg } from "@prisma/adapter-pg";
import { Prisma, PrismaClient } from "../generated/prisma/client";
import { env } from "../lib/env";

export type Db = PrismaClient;
export type Tx = Prisma.TransactionClient;

/** A client with one pool of its own; the caller ends it with `$disconnect()`. */
export function createDb(databaseUrl: string, options: { maxConnections?: number } = {}): Db {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString: databaseUrl, max: options.maxConnections ?? 15 }),
    transactionOptions: { timeout: 15_000, maxWait: 10_000 },
  });
}

export function requireDatabaseUrl(): string {
  const { databaseUrl } = env();
  if (databaseUrl === null)
    throw new Error("DATABASE_URL is not set. `npm start` sets it; alone, give postgresql://user:password@host/database.");
  return databaseUrl;
}

// The development server loads modules again and again; the pool must stay one.
const holder = globalThis as typeof globalThis & { indiumDb?: Db };

export function db(): Db {
  holder.indiumDb ??= createDb(requireDatabaseUrl());
  return holder.indiumDb;
}

/** A unique index refused the write. `names` are the index's columns or its name, as far as the adapter tells. */
export function isUniqueViolation(thrown: unknown): boolean {
  return thrown instanceof Prisma.PrismaClientKnownRequestError && thrown.code === "P2002";
}

/** Classes 22 (data exception) and 23 (integrity constraint violation) of Postgres' error codes. */
const REFUSED_VALUE = /^2[23][0-9A-Z]{3}$/;
/** Prisma's own names for the same, of the queries it writes itself: too long, out of range, a constraint, not what the column holds. */
const REFUSED_BY_PRISMA = new Set(["P2000", "P2002", "P2003", "P2004", "P2005", "P2006", "P2007", "P2011", "P2020", "P2023", "P2033"]);

/** The write failed for what was to be written, and would fail again; not for the connection, a lock or the disk. */
export function isRefusedValue(thrown: unknown): boolean {
  if (thrown instanceof Prisma.PrismaClientValidationError) return true;
  if (!(thrown instanceof Prisma.PrismaClientKnownRequestError || thrown instanceof Prisma.PrismaClientUnknownRequestError)) return false;
  if (thrown instanceof Prisma.PrismaClientKnownRequestError) {
    if (REFUSED_BY_PRISMA.has(thrown.code)) return true;
    const sqlState = /"(?:originalCode|code)":"([0-9A-Z]{5})"/.exec(JSON.stringify(thrown.meta ?? {}))?.[1];
    if (sqlState !== undefined) return REFUSED_VALUE.test(sqlState);
  }
  return REFUSED_VALUE.test(/Code: `([0-9A-Z]{5})`/.exec(thrown.message)?.[1] ?? "");
}
