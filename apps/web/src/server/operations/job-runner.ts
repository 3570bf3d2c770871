import { Logger, type Runner, run, runMigrations } from "graphile-worker";
import { z } from "zod";
import type { Db } from "../db";
import { advanceOperation } from "../services/operation-advance";
import { ADVANCE_TASK, enqueueAdvance } from "./enqueue";

const LOOK_AGAIN_MS = 15_000;
const Payload = z.object({ operationId: z.string().max(60) });

/** Its chatter is left out; what went wrong is not. */
const quiet = new Logger(() => (level, message) => {
  if (level === "error" || level === "warning") console.warn(`jobs: ${message}`);
});

/** graphile-worker's own tables, in their own schema. Idempotent. */
export const migrateJobs = (databaseUrl: string): Promise<void> => runMigrations({ connectionString: databaseUrl, logger: quiet });

/**
 * Runs the durable jobs. A job looks at its operation and asks to be run again while it is open: killed midway, it is run again by
 * whatever worker is there, and comes to the same judgement.
 */
export async function startJobRunner(databaseUrl: string, db: Db, now: () => number): Promise<{ stop: () => Promise<void> }> {
  const runner: Runner = await run({
    connectionString: databaseUrl,
    concurrency: 4,
    noHandleSignals: true,
    pollInterval: 5_000,
    parsedCronItems: [],
    logger: quiet,
    taskList: {
      [ADVANCE_TASK]: async (payload) => {
        const { operationId } = Payload.parse(payload);
        if ((await advanceOperation(db, operationId, now())) === "open")
          await db.$transaction((tx) => enqueueAdvance(tx, operationId, now() + LOOK_AGAIN_MS));
      },
    },
  });
  return { stop: () => runner.stop() };
}
