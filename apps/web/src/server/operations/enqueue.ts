import type { Tx } from "../db";

export const ADVANCE_TASK = "operation.advance";

let queueExists = false;

/**
 * Puts the operation's durable job into the caller's transaction (graphile-worker's own SQL function, so that the job exists exactly
 * when the operation does). One job per operation: asking again moves its time. Where the worker has never run there is no
 * queue yet; the sweep of open operations finds those.
 */
export async function enqueueAdvance(tx: Tx, operationId: string, runAtMs: number): Promise<void> {
  if (!queueExists) {
    const [found] = await tx.$queryRaw<{ exists: boolean }[]>`
      SELECT to_regclass('graphile_worker.migrations') IS NOT NULL AS exists`;
    queueExists = found?.exists === true;
    if (!queueExists) return;
  }
  await tx.$executeRaw`SELECT graphile_worker.add_job(${ADVANCE_TASK}, ${JSON.stringify({ operationId })}::json,
    run_at := ${new Date(runAtMs).toISOString()}::timestamptz, max_attempts := 25, job_key := ${operationId}, job_key_mode := 'replace')`;
}
