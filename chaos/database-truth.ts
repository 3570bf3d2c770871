import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

/** Postgres read past the API: what no page would show. */
export interface DatabaseTruth {
  readonly instances: readonly {
    id: string;
    name: string;
    requestKey: string | null;
    desired: string;
    desiredGeneration: number;
    observedState: string | null;
    appliedGeneration: number | null;
    guestPoweredOff: boolean | null;
    volumeId: string;
    deleted: boolean;
  }[];
  readonly openOperations: number;
  readonly operations: Readonly<Record<string, number>>;
  /** Sentences about rows that should not be. */
  readonly orphans: readonly string[];
}

const ORPHANS: readonly (readonly [string, string])[] = [
  [
    "step of an ended operation is open",
    `SELECT s."operationId" AS id FROM "OperationStep" s JOIN "Operation" o ON o.id = s."operationId"
     WHERE o."endedAt" IS NOT NULL AND s.state IN ('pending', 'running')`,
  ],
  [
    "operation's state and end disagree",
    `SELECT id FROM "Operation" WHERE ("endedAt" IS NULL) <> (state IN ('pending', 'running', 'waiting'))`,
  ],
  ["NIC of a deleted instance", `SELECT n.id FROM "Nic" n JOIN "Instance" i ON i.id = n."instanceId" WHERE i."deletedAt" IS NOT NULL`],
  ["secrets of a deleted instance", `SELECT id FROM "Instance" WHERE "deletedAt" IS NOT NULL AND "secretsCiphertext" IS NOT NULL`],
  [
    "two NICs share an address",
    `SELECT "networkId" || ' ' || ipv4 AS id FROM "Nic" WHERE ipv4 IS NOT NULL GROUP BY "networkId", ipv4 HAVING count(*) > 1`,
  ],
  [
    "host's disk is not the one wished, or smaller",
    `SELECT i.id FROM "Instance" i JOIN "InstanceRuntime" r ON r."instanceId" = i.id WHERE i."deletedAt" IS NULL AND r.disk IS NOT NULL
     AND (r.disk->>'volumeId' <> i."volumeId" OR (r.disk->>'sizeBytes')::bigint < i."diskBytes")`,
  ],
  [
    "instance without an operation",
    `SELECT id FROM "Instance" i WHERE NOT EXISTS (SELECT 1 FROM "Operation" o WHERE o."instanceId" = i.id)`,
  ],
  ["host's document is not accepted", `SELECT id FROM "Host" WHERE "revokedAt" IS NULL AND "acceptedGeneration" <> "desiredGeneration"`],
  // What a killed worker had taken is given back by the next; the sweep does its work meanwhile.
  [
    "job waits although its time has come",
    `SELECT key AS id FROM graphile_worker.jobs WHERE locked_at IS NULL AND attempts < max_attempts
     AND run_at < now() - interval '60 seconds'`,
  ],
  ["job was given up", `SELECT key AS id FROM graphile_worker.jobs WHERE attempts >= max_attempts`],
];

function urlOf(stateDir: string): string {
  const password = readFileSync(join(stateDir, "postgres/password"), "utf8").trim();
  const port = readFileSync(join(stateDir, "postgres/data/postmaster.pid"), "utf8").split("\n")[3];
  return `postgresql://indium:${password}@127.0.0.1:${port}/indium`;
}

export async function databaseTruth(stateDir: string): Promise<DatabaseTruth> {
  const client = new pg.Client({ connectionString: urlOf(stateDir), connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    const instances =
      await client.query(`SELECT i.id, i.name, i."requestKey", i.desired, i."desiredGeneration", r."observedState", r."appliedGeneration",
      r."guestPoweredOff", i."volumeId", i."deletedAt" IS NOT NULL AS deleted FROM "Instance" i LEFT JOIN "InstanceRuntime" r ON r."instanceId" = i.id`);
    const operations = await client.query<{ state: string; n: number }>(`SELECT state, count(*)::int AS n FROM "Operation" GROUP BY state`);
    const orphans: string[] = [];
    for (const [what, query] of ORPHANS)
      for (const row of (await client.query<{ id: string }>(query)).rows) orphans.push(`${what}: ${row.id}`);
    const counted = Object.fromEntries(operations.rows.map(({ state, n }) => [state, n]));
    return {
      instances: instances.rows,
      openOperations: (counted.pending ?? 0) + (counted.running ?? 0) + (counted.waiting ?? 0),
      operations: counted,
      orphans,
    };
  } finally {
    await client.end().catch(() => {});
  }
}

/** Jobs still held in the name of workers that are no more. */
export async function staleJobLocks(stateDir: string): Promise<number> {
  const client = new pg.Client({ connectionString: urlOf(stateDir), connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM graphile_worker.jobs WHERE locked_at < now() - interval '60 seconds'",
    );
    return rows[0]?.n ?? 0;
  } finally {
    await client.end();
  }
}
