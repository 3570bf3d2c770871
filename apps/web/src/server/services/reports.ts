import { AppError } from "@indium/contract/errors";
import type { ReportAck, ReportBatch } from "@indium/contract/report";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { touchHost } from "./host-documents";
import { applyReport, type ReportEffects } from "./reports-apply";

export interface Fence {
  readonly hostId: string;
  readonly linkEpoch: number;
  /** The relay that says so, when it is known by its key: it must be the one that holds the host. */
  readonly relayName?: string;
}

/**
 * Writes what a host reports. One transaction a batch, and the acknowledgement after its commit:
 *
 *   fence      only the link that holds the host's epoch may report (two relays claiming one host: the newer wins)
 *   ledger     a new ledgerId means the host lost its state: its counters begin again, and it is sent everything
 *   sequence   items at or below the acknowledged one are repetitions and are skipped
 *   items      written only where they are newer than what is known (reports-apply)
 *
 * @throws AppError `conflict` when another link holds the host by now, `host_revoked`, `not_found`.
 */
export async function ingestReports(
  db: Db,
  fence: Fence,
  batch: ReportBatch,
  nowMs: number,
): Promise<{ ack: ReportAck; instanceIds: string[] }> {
  const effects: ReportEffects = { changes: new Map(), instanceIds: new Set(), touched: false };
  const ackedSeq = await db.$transaction(
    async (tx) => {
      const host = await lockFencedHost(tx, fence);
      let acked = Number(host.ackedSeq);
      if (host.ledgerId !== batch.ledgerId) {
        acked = 0;
        await tx.$executeRaw`UPDATE "InstanceRuntime" SET "observedGeneration" = 0, "appliedGeneration" = 0
          WHERE "instanceId" IN (SELECT id FROM "Instance" WHERE "hostId" = ${fence.hostId})`;
        await tx.$executeRaw`UPDATE "Host" SET "acceptedGeneration" = 0, "acceptedEpoch" = 0 WHERE id = ${fence.hostId}`;
        effects.touched = true;
      }
      for (const item of batch.items) {
        if (item.seq <= acked) continue;
        await applyReport(tx, { hostId: fence.hostId, organizationId: host.organizationId, hostName: host.name }, item, effects, nowMs);
        acked = item.seq;
      }
      await tx.$executeRaw`UPDATE "Host" SET "ledgerId" = ${batch.ledgerId}, "ackedSeq" = ${acked},
        "lastSeenAt" = ${new Date(nowMs)} WHERE id = ${fence.hostId}`;
      if (effects.touched) await touchHost(tx, fence.hostId);
      for (const change of effects.changes.values()) await publishChange(tx, change);
      return acked;
    },
    { timeout: 60_000, maxWait: 10_000 },
  );
  return { ack: { ackedSeq }, instanceIds: [...effects.instanceIds] };
}

async function lockFencedHost(tx: Tx, fence: Fence) {
  const [host] = await tx.$queryRaw<
    {
      name: string;
      relayName: string | null;
      organizationId: string | null;
      ledgerId: string | null;
      ackedSeq: bigint;
      linkEpoch: number;
      revokedAt: Date | null;
    }[]
  >`SELECT name, "relayName", "organizationId", "ledgerId", "ackedSeq", "linkEpoch", "revokedAt" FROM "Host" WHERE id = ${fence.hostId} FOR UPDATE`;
  if (host === undefined) throw new AppError("not_found", "This host is not known here.");
  if (host.revokedAt !== null) throw new AppError("host_revoked", `Host ${host.name} was removed. Enrol it again to use it.`);
  if (host.linkEpoch !== fence.linkEpoch || (fence.relayName !== undefined && host.relayName !== fence.relayName))
    throw new AppError("conflict", `Host ${host.name} is linked elsewhere by now.`, {
      internal: `${fence.linkEpoch} against ${host.linkEpoch}`,
    });
  return host;
}
