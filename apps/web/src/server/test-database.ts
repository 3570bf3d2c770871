import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { startPostgres } from "../../../../scripts/launcher/postgres";
import { createDb, type Db } from "./db";
import { migrate } from "./migrate";

export interface TestDatabase {
  readonly url: string;
  readonly db: Db;
  /** Empties every table but the installation's one row and the migrations'. */
  reset(): Promise<void>;
  /** Ends the client and the server, and removes its files. */
  stop(): Promise<void>;
}

export const MIGRATIONS_DIR = fileURLToPath(new URL("../../../../prisma/migrations", import.meta.url));

/** A throwaway Postgres of the installation's own kind, migrated; for integration tests. */
export async function startTestDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const dir = await mkdtemp(join(tmpdir(), `indium-test-${process.pid}-`));
  // As root the server runs as another user, who has to get in.
  await chmod(dir, 0o755);
  const server = await startPostgres({ dir, database: "indium" });
  if (options.migrated !== false) await migrate(server.url, MIGRATIONS_DIR);
  const db = createDb(server.url, { maxConnections: 8 });
  return {
    url: server.url,
    db,
    reset: () => resetDatabase(server.url),
    stop: async () => {
      await db.$disconnect();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function resetDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'",
    );
    await client.query(`TRUNCATE ${rows.map((row) => row.name).join(", ")} RESTART IDENTITY CASCADE`);
    await client.query(`INSERT INTO "Installation" (id) VALUES (1)`);
  } finally {
    await client.end();
  }
}
