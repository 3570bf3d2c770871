import type { InstanceStepReport } from "@indium/contract/report";
import { HOST_STEP_POSITION } from "@indium/domain/operation";
import type { z } from "zod";
import type { Tx } from "../db";

/** The host's own provisioning steps move the steps of the instance's open creation or rebuild. */
export async function writeHostStep(tx: Tx, report: z.infer<typeof InstanceStepReport>): Promise<void> {
  for (const [kind, positions] of Object.entries(HOST_STEP_POSITION)) {
    const position = positions[report.step];
    if (position !== undefined) await writeStep(tx, report, kind, position);
  }
}

async function writeStep(tx: Tx, report: z.infer<typeof InstanceStepReport>, kind: string, position: number): Promise<void> {
  const endedAt = report.endedAt === null ? null : new Date(report.endedAt);
  await tx.$executeRaw`
    UPDATE "OperationStep" s SET state = ${report.state}, "startedAt" = ${new Date(report.startedAt)}::timestamp,
      "endedAt" = ${endedAt}::timestamp, message = ${report.message}
    FROM "Operation" o
    WHERE s."operationId" = o.id AND o."instanceId" = ${report.instanceId} AND o.kind = ${kind}
      AND o.state IN ('pending', 'running', 'waiting') AND s.position = ${position}`;
}

/** The host accepted a document: "Send to the host" has ended, and what follows it has begun. Answers the operations it moved. */
export async function markSent(
  tx: Tx,
  hostId: string,
  sent: readonly { id: string; generation: number }[],
  nowMs: number,
): Promise<{ id: string; organizationId: string; instanceId: string }[]> {
  if (sent.length === 0) return [];
  const now = new Date(nowMs);
  const moved = await tx.$queryRaw<{ id: string; organizationId: string; instanceId: string }[]>`
    SELECT o.id, o."organizationId", o."instanceId" FROM "Operation" o
    JOIN unnest(${sent.map((entry) => entry.id)}::text[], ${sent.map((entry) => entry.generation)}::int[]) AS d(id, generation)
      ON d.id = o."instanceId"
    JOIN "OperationStep" s ON s."operationId" = o.id AND s.position = 0 AND s.state IN ('pending', 'running')
    WHERE o."hostId" = ${hostId} AND o.state IN ('pending', 'running', 'waiting') AND o."targetGeneration" <= d.generation`;
  if (moved.length === 0) return [];
  const ids = moved.map((operation) => operation.id);
  await tx.$executeRaw`UPDATE "OperationStep" SET state = 'succeeded', "endedAt" = ${now}::timestamp
    WHERE "operationId" = ANY(${ids}) AND position = 0`;
  await tx.$executeRaw`UPDATE "OperationStep" SET state = 'running', "startedAt" = ${now}::timestamp
    WHERE "operationId" = ANY(${ids}) AND position = 1 AND state = 'pending'`;
  await tx.$executeRaw`UPDATE "Operation" SET state = 'running', "startedAt" = coalesce("startedAt", ${now}::timestamp)
    WHERE id = ANY(${ids}) AND state = 'pending'`;
  return moved;
}

/** An operation that ends leaves no step open: what ran shares its end, and what never began was skipped. */
export async function closeSteps(
  tx: Tx,
  operationIds: readonly string[],
  end: "succeeded" | "failed" | "cancelled",
  nowMs: number,
): Promise<void> {
  const now = new Date(nowMs);
  if (end === "succeeded") {
    await tx.$executeRaw`UPDATE "OperationStep" SET state = 'succeeded', "startedAt" = coalesce("startedAt", ${now}::timestamp),
        "endedAt" = ${now}::timestamp
      WHERE "operationId" = ANY(${operationIds}) AND state IN ('pending', 'running')`;
    return;
  }
  const ran = end === "failed" ? "failed" : "skipped";
  await tx.$executeRaw`UPDATE "OperationStep" SET state = CASE WHEN state = 'running' THEN ${ran} ELSE 'skipped' END,
      "endedAt" = ${now}::timestamp
    WHERE "operationId" = ANY(${operationIds}) AND state IN ('pending', 'running')`;
}
