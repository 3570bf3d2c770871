import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { startPostgres } from "./launcher/postgres";
import { readSettings } from "./launcher/settings";

/** `npm run db:reset [-- --dev] [-- --yes]`: forgets all that the centre knows. Hosts and their VMs are not touched. */
const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const args = process.argv.slice(2);
const settings = readSettings(
  root,
  args.filter((arg) => arg === "--dev"),
);
console.log(
  `This deletes every account, organization, host and instance record in ${settings.databaseUrl ? "DATABASE_URL" : settings.stateDir}.`,
);
console.log("VMs keep running on their hosts, unclaimed. Hosts have to be enrolled again.");
if (!args.includes("--yes")) {
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await ask.question('Type "reset" to go on: ');
  ask.close();
  if (answer !== "reset") {
    console.log("Nothing was changed.");
    process.exit(1);
  }
}
const embedded =
  settings.databaseUrl === null ? await startPostgres({ dir: join(settings.stateDir, "postgres"), database: "indium" }) : null;
const client = new pg.Client({ connectionString: embedded?.url ?? settings.databaseUrl ?? "" });
await client.connect();
await client.query("drop schema public cascade; drop schema if exists graphile_worker cascade; create schema public");
await client.end();
if (embedded && !embedded.adopted) await embedded.stop();
for (const image of ["tiny", "debian-12-built"]) rmSync(join(settings.stateDir, `guest-${image}.json`), { force: true });
console.log("Done. npm start sets up anew.");
