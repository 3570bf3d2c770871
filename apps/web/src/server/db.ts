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
