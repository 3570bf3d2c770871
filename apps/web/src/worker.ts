import { startInternalApi } from "./internal-api";
import { env } from "./lib/env";
import { createDb, requireDatabaseUrl } from "./server/db";
import { migrate } from "./server/migrate";
import { migrateJobs, startJobRunner } from "./server/operations/job-runner";
import { startDocumentPusher } from "./server/reconcile/document-pusher";
import { electLeader } from "./server/reconcile/leader";
import {
  leaseWatcher,
  pruneEnrolments,
  pruneHostEvents,
  pruneRateLimits,
  pruneTimelines,
  rollUpMetrics,
  silentRelays,
  startTasks,
  sweepOperations,
} from "./server/reconcile/tasks";
import { seedCatalogue } from "./server/services/catalogue";
import { centre } from "./server/services/centre";
import { checkKeys } from "./server/services/centre-keys";

/**
 * The worker: migrates, seeds, serves the internal API, and reconciles. Any number may run; jobs are shared, and each reconcile task
 * has one leader among them.
 */
async function main(): Promise<void> {
  const settings = env();
  const databaseUrl = requireDatabaseUrl();
  if (settings.internalBind === null)
    throw new Error("INDIUM_INTERNAL_URL names several addresses; say with INDIUM_INTERNAL_BIND which of them is this worker's.");
  await migrate(databaseUrl, settings.migrationsDir);
  await migrateJobs(databaseUrl);
  const db = createDb(databaseUrl, { maxConnections: 20 });
  const { signer, keyring } = await centre();
  await checkKeys(db, { signer, keyring });
  await seedCatalogue(db);
  const now = Date.now;
  const api = await startInternalApi({
    db,
    signer,
    keysDir: settings.keysDir,
    host: settings.internalBind,
    port: settings.internalPort,
  });
  const jobs = await startJobRunner(databaseUrl, db, now);
  const leaders = [
    electLeader(databaseUrl, "documents", () =>
      startDocumentPusher(databaseUrl, { db, signer, keyring, blobsDir: settings.blobsDir, now }),
    ),
    electLeader(databaseUrl, "upkeep", async () =>
      startTasks({ db, now }, [
        leaseWatcher(),
        silentRelays(),
        sweepOperations,
        pruneEnrolments,
        pruneHostEvents,
        pruneTimelines,
        pruneRateLimits,
        rollUpMetrics,
      ]),
    ),
  ];
  console.log(`worker: internal API on ${api.url}`);

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    // What is under way ends or is taken up by the next worker: nothing here is kept in memory alone.
    setTimeout(() => process.exit(1), 8_000).unref();
    await api.stop();
    await Promise.allSettled([jobs.stop(), ...leaders.map((leader) => leader.stop())]);
    await db.$disconnect();
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => void stop());
}

main().catch((thrown: unknown) => {
  console.error("worker:", thrown);
  process.exit(1);
});
