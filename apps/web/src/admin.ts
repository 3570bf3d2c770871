import { parseArgs } from "node:util";
import { env } from "./lib/env";
import { runAdminCommand } from "./server/admin/commands";
import { createDb, requireDatabaseUrl } from "./server/db";

/**
 * The launcher's and the administrator's entry: `admin <command> [--option value …]`. The answer is one line of JSON on stdout; a failure
 * is one sentence on stderr and exit code 1.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    allowPositionals: true,
    options: {
      slug: { type: "string" },
      state: { type: "string" },
      message: { type: "string" },
      done: { type: "string" },
      total: { type: "string" },
      file: { type: "string" },
      instances: { type: "string" },
      hosts: { type: "string" },
    },
  });
  const db = createDb(requireDatabaseUrl(), { maxConnections: 4 });
  try {
    const answer = await runAdminCommand({ db, env: env(), now: () => new Date() }, positionals[0] ?? "", values);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  } finally {
    await db.$disconnect();
  }
}

main().catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
});
