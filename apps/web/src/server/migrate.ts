import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";

/** Prisma's own advisory lock (schema-engine, `ADVISORY_LOCK_ID`), so that its CLI and this runner exclude each other. */
const LOCK_ID = 72707369;

const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

interface Row {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
  readonly started_at: Date;
}

/**
 * What `prisma migrate deploy` does, without its command line: applies the folders of `migrationsDir` in order, under
 * Prisma's lock and in Prisma's table, so that `prisma migrate status` agrees afterwards. A migration is one transaction.
 * @returns the names of the migrations applied now.
 * @throws Error when a migration fails, failed before, or is missing from the folder although the database has it.
 */
export async function migrate(databaseUrl: string, migrationsDir: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [LOCK_ID]);
    await client.query(TABLE);
    const { rows } = await client.query<Row>("SELECT * FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at");
    const failed = rows.find((row) => row.finished_at === null);
    if (failed)
      throw new Error(
        `The migration ${failed.migration_name} failed at ${failed.started_at.toISOString()}. Restore the dump made before it, or resolve it by hand (docs/operations/database.md).`,
      );
    const folders = (await readdir(migrationsDir, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
    const unknown = rows.find((row) => !folders.includes(row.migration_name));
    if (unknown)
      throw new Error(
        `The database was migrated by a newer Indium (${unknown.migration_name} is not known here). Start that version, or restore an older dump.`,
      );
    const done = new Map(rows.map((row) => [row.migration_name, row]));
    const applied: string[] = [];
    for (const name of folders) {
      const sql = await readFile(join(migrationsDir, name, "migration.sql"), "utf8");
      const checksum = createHash("sha256").update(sql).digest("hex");
      const before = done.get(name);
      if (before) {
        if (before.checksum !== checksum) console.warn(`The migration ${name} was edited after it had been applied.`);
        continue;
      }
      await apply(client, name, sql, checksum);
      applied.push(name);
    }
    return applied;
  } finally {
    await client.end();
  }
}

async function apply(client: pg.Client, name: string, sql: string, checksum: string): Promise<void> {
  const id = randomUUID();
  await client.query("INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)", [id, checksum, name]);
  try {
    // The simple protocol takes many statements and runs them as one transaction.
    await client.query(sql);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // All of it was rolled back, so that the next start may try again.
    await client.query("UPDATE _prisma_migrations SET logs = $2, rolled_back_at = now() WHERE id = $1", [id, message]);
    throw new Error(`The migration ${name} failed: ${message}`, { cause: error });
  }
  await client.query("UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1", [id]);
}
