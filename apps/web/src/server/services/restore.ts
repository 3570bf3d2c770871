import type { AuditAction } from "@indium/contract/audit";
import type { Db } from "../db";
import { HOST_CHANNEL } from "./host-documents";

/**
 * Above every generation that was given out after the dump was made: a million changes of one instance between a dump and its
 * restoring are out of sight, and Postgres' integers hold two thousand restores.
 */
const GENERATION_LEAP = 1_000_000;

/**
 * The last step of restoring a dump of the database, before any worker starts on it. The hosts know newer generations than the dump does:
 * the raised epoch, which they compare first, makes the restored wish the newest again. Instances made since the dump are in no
 * document; absence never deletes, so their VMs keep running and are reported as unclaimed.
 *
 * Raises every generation and link epoch past what may have been given out, asks every host for everything it sees (its ledger counts as
 * new), and cancels what was under way.
 * @returns the new epoch.
 */
export async function raiseCentreEpoch(db: Db, nowMs: number): Promise<number> {
  const now = new Date(nowMs);
  return db.$transaction(async (tx) => {
    const { centreEpoch } = await tx.installation.update({ where: { id: 1 }, data: { centreEpoch: { increment: 1 } } });
    await tx.$executeRaw`UPDATE "Host" SET "desiredGeneration" = "desiredGeneration" + ${GENERATION_LEAP}, "linkEpoch" = "linkEpoch" + ${GENERATION_LEAP},
      "acceptedGeneration" = 0, "acceptedEpoch" = 0, "ledgerId" = NULL, "ackedSeq" = 0, "leaseExpiresAt" = ${now}::timestamp,
      "relayUrl" = NULL, "relayName" = NULL`;
    await tx.$executeRaw`UPDATE "Instance" SET "desiredGeneration" = "desiredGeneration" + ${GENERATION_LEAP},
      "wishGeneration" = "desiredGeneration" + ${GENERATION_LEAP},
      "powerRequestId" = NULL, "powerKind" = NULL, "powerExpiresAt" = NULL WHERE "deletedAt" IS NULL`;
    await tx.$executeRaw`UPDATE "OperationStep" SET state = 'skipped', "endedAt" = ${now}::timestamp WHERE state IN ('pending', 'running')
      AND "operationId" IN (SELECT id FROM "Operation" WHERE state IN ('pending', 'running', 'waiting'))`;
    await tx.$executeRaw`UPDATE "Operation" SET state = 'cancelled', "endedAt" = ${now}::timestamp, waiting = NULL, "waitingUntil" = NULL,
      "revertGuest" = NULL, "revertMachine" = NULL, error = ${JSON.stringify({ code: "conflict", message: "The database was restored from a dump. Ask again if it is still wanted." })}::jsonb
      WHERE state IN ('pending', 'running', 'waiting')`;
    await tx.auditEvent.create({
      data: {
        action: "installation.restore" satisfies AuditAction,
        targetKind: "installation",
        targetId: null,
        result: "success",
        detail: { centreEpoch },
        at: now,
      },
    });
    await tx.$executeRaw`SELECT pg_notify(${HOST_CHANNEL}, id) FROM "Host" WHERE "revokedAt" IS NULL`;
    return centreEpoch;
  });
}
