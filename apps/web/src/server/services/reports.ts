import type { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import { type ReportAck, ReportItem, SignedReports } from "@indium/contract/report";
import { openEnvelope } from "@indium/tunnel/envelope";
import { z } from "zod";
import { type Db, isRefusedValue, type Tx } from "../db";
import { publishChange } from "../live/publish";
import { recordForgery } from "./forgeries";
import { touchHost } from "./host-documents";
import { applyReport, type ReportEffects, type ReportingHost, writeHostEvent } from "./reports-apply";

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
 *   signature  the host's own key, over the batch as sent, for this link: a relay can neither write one nor show an old one again
 *   ledger     a new ledgerId means the host lost its state: its counters begin again, and it is sent everything
 *   sequence   items at or below the acknowledged one are repetitions and are skipped
 *   items      written only where they are newer than what is known (reports-apply)
 *
 * An item that is not understood, or that the database cannot hold, is passed over and told on the host's page: the host would send
 * it again for ever, and everything behind it would wait.
 *
 * @throws AppError `conflict` when another link holds the host by now, `signature_invalid`, `host_revoked`, `not_found`.
 */
export async function ingestReports(
  db: Db,
  fence: Fence,
  reports: SignedEnvelope,
  nowMs: number,
): Promise<{ ack: ReportAck; instanceIds: string[] }> {
  try {
    return await ingest(db, fence, reports, nowMs, { savepoints: false });
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "signature_invalid")
      await recordForgery(db, fence.hostId, fence.relayName ?? "(unknown)", "reports", nowMs);
    if (!isRefusedValue(thrown)) throw thrown;
    // Rare, and twice the statements: only now is each item kept apart from the others.
    return await ingest(db, fence, reports, nowMs, { savepoints: true });
  }
}

async function ingest(
  db: Db,
  fence: Fence,
  reports: SignedEnvelope,
  nowMs: number,
  how: { savepoints: boolean },
): Promise<{ ack: ReportAck; instanceIds: string[] }> {
  const effects: ReportEffects = { changes: new Map(), instanceIds: new Set(), touched: false };
  const ack = await db.$transaction(
    async (tx) => {
      const host = await lockFencedHost(tx, fence);
      const batch = openReports(reports, host.publicKey, fence);
      const { organizationId, name: hostName, local, simulated } = host;
      const reporting: ReportingHost = { hostId: fence.hostId, organizationId, hostName, local, simulated };
      let acked = Number(host.ackedSeq);
      if (host.ledgerId !== batch.ledgerId) {
        acked = 0;
        await tx.$executeRaw`UPDATE "InstanceRuntime" SET "observedGeneration" = 0, "appliedGeneration" = 0
          WHERE "instanceId" IN (SELECT id FROM "Instance" WHERE "hostId" = ${fence.hostId})`;
        await tx.$executeRaw`UPDATE "Host" SET "acceptedGeneration" = 0, "acceptedEpoch" = 0 WHERE id = ${fence.hostId}`;
        effects.touched = true;
      }
      const dropped: string[] = [];
      for (const raw of batch.items) {
        const seq = Numbered.safeParse(raw).data?.seq ?? null;
        if (seq !== null && seq <= acked) continue;
        const item = ReportItem.safeParse(raw);
        if (!item.success) dropped.push(firstIssue(item.error));
        else if (how.savepoints) dropped.push(...(await applyApart(tx, reporting, item.data, effects, nowMs)));
        else await applyReport(tx, reporting, item.data, effects, nowMs);
        acked = seq ?? acked;
      }
      if (dropped.length > 0) await writeHostEvent(tx, reporting, nowMs, "warning", "report_dropped", droppedMessage(dropped), effects);
      await tx.$executeRaw`UPDATE "Host" SET "ledgerId" = ${batch.ledgerId}, "ackedSeq" = ${acked},
        "lastSeenAt" = ${new Date(nowMs)} WHERE id = ${fence.hostId}`;
      if (effects.touched) await touchHost(tx, fence.hostId);
      for (const change of effects.changes.values()) await publishChange(tx, change);
      return { hostId: batch.hostId, linkEpoch: batch.linkEpoch, ledgerId: batch.ledgerId, ackedSeq: acked };
    },
    { timeout: 60_000, maxWait: 10_000 },
  );
  return { ack, instanceIds: [...effects.instanceIds] };
}

/** @throws AppError `signature_invalid` for what this host did not sign for this link. */
function openReports(reports: SignedEnvelope, publicKey: string, fence: Fence): SignedReports {
  const batch = openEnvelope(reports, { purpose: "host-report", publicKeys: [publicKey], schema: SignedReports });
  if (batch.hostId !== fence.hostId || batch.linkEpoch !== fence.linkEpoch)
    throw new AppError("signature_invalid", "The host signed these reports for another link.");
  return batch;
}

const Numbered = z.object({ seq: ReportItem.shape.seq });

/** Why the item was refused; empty when it was written. */
async function applyApart(tx: Tx, host: ReportingHost, item: ReportItem, effects: ReportEffects, nowMs: number): Promise<string[]> {
  await tx.$executeRaw`SAVEPOINT report_item`;
  try {
    await applyReport(tx, host, item, effects, nowMs);
    await tx.$executeRaw`RELEASE SAVEPOINT report_item`;
    return [];
  } catch (thrown) {
    if (!isRefusedValue(thrown)) throw thrown;
    await tx.$executeRaw`ROLLBACK TO SAVEPOINT report_item`;
    return [`${item.body.kind} holds a value that cannot be stored`];
  }
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "malformed"}`.slice(0, 300);
}

/** Bounded, and without what made the report unfit to be stored. */
function droppedMessage(reasons: readonly string[]): string {
  const count = reasons.length === 1 ? "1 report of this host was" : `${reasons.length} reports of this host were`;
  const first = (reasons[0] ?? "").replace(/[^\x20-\x7e]/g, "?");
  return `${count} passed over, because Indium could not use ${reasons.length === 1 ? "it" : "them"} (${first}). If this goes on, update the host's agent.`;
}

async function lockFencedHost(tx: Tx, fence: Fence) {
  const [host] = await tx.$queryRaw<
    {
      name: string;
      publicKey: string;
      relayName: string | null;
      organizationId: string | null;
      ledgerId: string | null;
      ackedSeq: bigint;
      linkEpoch: number;
      revokedAt: Date | null;
      local: boolean;
      simulated: boolean;
    }[]
  >`SELECT name, "publicKey", "relayName", "organizationId", "ledgerId", "ackedSeq", "linkEpoch", "revokedAt", local, simulated
    FROM "Host" WHERE id = ${fence.hostId} FOR UPDATE`;
  if (host === undefined) throw new AppError("not_found", "This host is not known here.");
  if (host.revokedAt !== null) throw new AppError("host_revoked", `Host ${host.name} was removed. Enrol it again to use it.`);
  if (host.linkEpoch !== fence.linkEpoch || (fence.relayName !== undefined && host.relayName !== fence.relayName))
    throw new AppError("conflict", `Host ${host.name} is linked elsewhere by now.`, {
      internal: `${fence.linkEpoch} against ${host.linkEpoch}`,
    });
  return host;
}
