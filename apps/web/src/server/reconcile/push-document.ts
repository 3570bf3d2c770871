import type { AppError } from "@indium/contract/errors";
import { applyDocument, type HostCallContext } from "../hosts/host-calls";
import { publishChange } from "../live/publish";
import { buildDocument } from "../services/host-documents";
import { markSent } from "../services/operation-steps";
import type { SecretKeyring } from "../services/secrets";
import { signDocument } from "../services/signing";

export interface PushContext extends HostCallContext {
  readonly keyring: SecretKeyring;
  readonly blobsDir: string;
  readonly now: () => number;
}

export type PushResult = "accepted" | "refused" | "gone";

/**
 * Sends one host its whole document. Idempotent: what the host has already, it says so.
 * @throws AppError `host_unreachable`, `host_timeout` and what else a call may end in; nothing is lost, the next push says it all again.
 */
export async function pushDocument(context: PushContext, hostId: string): Promise<PushResult> {
  const nowMs = context.now();
  const document = await buildDocument({ ...context, nowMs }, hostId);
  if (document === null) return "gone";
  const reply = await applyDocument(context, hostId, signDocument(context.signer, document));
  if (!reply.accepted) {
    await recordRefusal(context, hostId, reply.error);
    return "refused";
  }
  await context.db.$transaction(async (tx) => {
    await tx.$executeRaw`UPDATE "Host" SET
        "acceptedGeneration" = CASE WHEN "acceptedEpoch" = ${document.centreEpoch} THEN greatest("acceptedGeneration", ${document.generation})
          ELSE ${document.generation} END,
        "acceptedEpoch" = ${document.centreEpoch}
      WHERE id = ${hostId} AND "acceptedEpoch" <= ${document.centreEpoch}`;
    const sent = document.instances.map((instance) => ({ id: instance.id, generation: instance.generation }));
    for (const { id, organizationId, instanceId } of await markSent(tx, hostId, sent, context.now()))
      await publishChange(tx, { organizationId, resource: "operation", id, parentId: instanceId });
  });
  return "accepted";
}

/** On the host's page, once for the same words until something else happens. */
async function recordRefusal(context: PushContext, hostId: string, error: Pick<AppError, "code" | "message">): Promise<void> {
  const message = `The host refused what it was told to be: ${error.message}`;
  const last = await context.db.hostEvent.findFirst({ where: { hostId }, orderBy: { id: "desc" } });
  if (last?.code === "document_refused" && last.message === message) return;
  await context.db.hostEvent.create({ data: { hostId, at: new Date(context.now()), level: "error", code: "document_refused", message } });
  const host = await context.db.host.findUnique({ where: { id: hostId }, select: { organizationId: true } });
  if (host !== null) await publishChange(context.db, { organizationId: host.organizationId, resource: "host", id: hostId });
}
