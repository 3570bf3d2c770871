import type { DesiredState, ObservedState } from "@indium/contract/states";
import { type InstanceOperationKind, judgeOperation, type OperationFacts, type OperationJudgement } from "@indium/domain/operation";
import { Prisma } from "../../generated/prisma/client";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { touchHost } from "./host-documents";
import { revertMachine } from "./instance-machine";
import { hostIsOnline } from "./instances";
import { closeSteps } from "./operation-steps";
import { GuestBefore, publishOperation, wireErrorOf } from "./operations";

export type OperationEnd = "open" | "ended";

/**
 * Looks at one operation and writes where it stands. Idempotent, and the same whoever calls: the report that brought the news, the
 * durable job, or the sweep. Two callers at once are serialized by the locks on host and operation.
 */
export async function advanceOperation(db: Db, operationId: string, nowMs: number): Promise<OperationEnd> {
  return db.$transaction(async (tx) => {
    const before = await tx.operation.findUnique({ where: { id: operationId }, select: { hostId: true } });
    if (before === null) return "ended";
    // Host before instance and operation, as everyone who may write the intent does.
    if (before.hostId !== null) await tx.$queryRaw`SELECT 1 FROM "Host" WHERE id = ${before.hostId} FOR NO KEY UPDATE`;
    await tx.$queryRaw`SELECT 1 FROM "Operation" WHERE id = ${operationId} FOR UPDATE`;
    const row = await tx.operation.findUnique({
      where: { id: operationId },
      include: { instance: { include: { runtime: true, host: true } } },
    });
    if (row === null || row.endedAt !== null || row.instance === null || row.targetGeneration === null) return "ended";
    const judgement = judgeOperation(factsOf(row, row.instance, row.targetGeneration, nowMs), nowMs);
    await writeJudgement(tx, row, judgement, nowMs);
    return judgement.state === "running" || judgement.state === "waiting" ? "open" : "ended";
  });
}

/** Advances what is open on these instances; answers nothing, fails for nobody else's sake. */
export async function advanceOperationsOf(db: Db, instanceIds: readonly string[], nowMs: number): Promise<void> {
  if (instanceIds.length === 0) return;
  const open = await db.operation.findMany({
    where: { instanceId: { in: [...instanceIds] }, state: { in: ["pending", "running", "waiting"] } },
    select: { id: true },
  });
  for (const operation of open) await advanceOperation(db, operation.id, nowMs);
}

type Row = Prisma.OperationGetPayload<{ include: { instance: { include: { runtime: true; host: true } } } }>;

function factsOf(row: Row, instance: NonNullable<Row["instance"]>, targetGeneration: number, nowMs: number): OperationFacts {
  const { host, runtime } = instance;
  const isCurrent = instance.desiredGeneration === targetGeneration;
  return {
    kind: row.kind as InstanceOperationKind,
    createdAt: row.createdAt.getTime(),
    targetGeneration,
    waitingUntil: row.waitingUntil?.getTime() ?? null,
    wish: isCurrent ? (instance.desired as DesiredState) : null,
    powerRequestId: isCurrent ? instance.powerRequestId : null,
    host:
      host === null
        ? null
        : { name: host.name, reachable: host.revokedAt === null && host.leaseExpiresAt !== null && host.leaseExpiresAt.getTime() > nowMs },
    runtime:
      runtime === null
        ? null
        : {
            state: runtime.observedState as ObservedState,
            appliedGeneration: runtime.appliedGeneration,
            guestPoweredOff: runtime.guestPoweredOff,
            lastRequestId: runtime.lastRequestId,
            observedAt: runtime.observedAt.getTime(),
            error: wireErrorOf(runtime.error),
          },
    deleted: instance.deletedAt !== null,
  };
}

async function writeJudgement(tx: Tx, row: Row, judgement: OperationJudgement, nowMs: number): Promise<void> {
  const now = new Date(nowMs);
  const ended = { endedAt: now, waiting: null, waitingUntil: null, revertGuest: Prisma.DbNull, revertMachine: Prisma.DbNull };
  switch (judgement.state) {
    case "running":
      if (row.state !== "waiting") return;
      await tx.operation.update({ where: { id: row.id }, data: { state: "running", waiting: null, waitingUntil: null } });
      break;
    case "waiting":
      if (row.state === "waiting" && row.waiting === judgement.message) return;
      await tx.operation.update({
        where: { id: row.id },
        data: { state: "waiting", waiting: judgement.message, waitingUntil: new Date(judgement.untilMs) },
      });
      break;
    case "succeeded":
    case "cancelled":
      await tx.operation.update({
        where: { id: row.id },
        data: { state: judgement.state, startedAt: row.startedAt ?? now, ...ended },
      });
      await closeSteps(tx, [row.id], judgement.state, nowMs);
      break;
    case "failed":
      await tx.operation.update({
        where: { id: row.id },
        data: { state: "failed", startedAt: row.startedAt ?? now, ...ended, error: judgement.error },
      });
      await revertGuest(tx, row, nowMs);
      await revertMachine(tx, row, nowMs);
      await closeSteps(tx, [row.id], "failed", nowMs);
      if (judgement.revert) await revertIntent(tx, row);
      break;
  }
  await publishOperation(tx, row);
  if (row.instanceId !== null)
    await publishChange(tx, { organizationId: row.organizationId, resource: "instance", id: row.instanceId, parentId: null });
}

/**
 * A re-provision that the host never carried out is taken back whole: else its next start, days later, would be one. What was to be
 * given to the new guest waits again. A host that is away and has taken the request may have carried it out: then it stands.
 */
async function revertGuest(tx: Tx, row: Row, nowMs: number): Promise<void> {
  const before = GuestBefore.safeParse(row.revertGuest);
  const { instance } = row;
  if (!before.success || instance === null || instance.desired === "gone") return;
  const isCarriedOut = instance.runtime?.guestUuid === instance.guestUuid;
  const isSent = (await tx.operationStep.count({ where: { operationId: row.id, position: 0, state: "succeeded" } })) > 0;
  const isAway = instance.host === null || !hostIsOnline(instance.host, nowMs);
  if (isCarriedOut || (isAway && isSent)) return;
  const replaced = before.data.secretsCiphertext !== instance.secretsCiphertext && instance.pendingHasPassword === null;
  await tx.instance.update({
    where: { id: instance.id },
    data: {
      ...before.data,
      desiredGeneration: { increment: 1 },
      wishGeneration: instance.desiredGeneration + 1,
      powerRequestId: null,
      powerKind: null,
      powerExpiresAt: null,
      ...(replaced
        ? {
            pendingSecretsCiphertext: instance.secretsCiphertext,
            pendingHasPassword: instance.hasPassword,
            pendingHasUserData: instance.hasUserData,
          }
        : {}),
    },
  });
  if (row.hostId !== null) await touchHost(tx, row.hostId);
}

/** Takes the wish back, unless a newer one was written since. */
async function revertIntent(tx: Tx, row: Row): Promise<void> {
  if (row.instanceId === null || row.revertDesired === null || row.targetGeneration === null) return;
  const reverted = await tx.$executeRaw`
    UPDATE "Instance" SET desired = ${row.revertDesired}, "desiredGeneration" = "desiredGeneration" + 1,
      "wishGeneration" = "desiredGeneration" + 1, "powerRequestId" = NULL, "powerKind" = NULL, "powerExpiresAt" = NULL
    WHERE id = ${row.instanceId} AND "desiredGeneration" = ${row.targetGeneration} AND desired <> 'gone'`;
  if (reverted > 0 && row.hostId !== null) await touchHost(tx, row.hostId);
}
