import type { AuditAction } from "@indium/contract/audit";
import { ConsoleTicket } from "@indium/contract/console";
import { AppError } from "@indium/contract/errors";
import type { internalApi } from "@indium/contract/internal-api";
import { openEnvelope } from "@indium/tunnel/envelope";
import type { z } from "zod";
import type { Db } from "../db";
import { trackViewer } from "./console-room";
import { recordForgery } from "./forgeries";
import type { Signer } from "./signing";

type ConsoleEvent = z.infer<(typeof internalApi)["consoleEvent"]["input"]>;

/**
 * A console stream began, ended or was refused: for the audit log. A relay speaks of tickets that name it, and of each thing once: told
 * again, because an answer was lost, nothing is written. What it says of such a stream (when, how much, why not) is its own word.
 * @throws AppError `forbidden` for what is no ticket of this centre's for this relay.
 */
export async function recordConsoleEvent(db: Db, signer: Signer, input: ConsoleEvent, relayName: string, nowMs: number): Promise<void> {
  const ticket = openTicket(signer, input);
  if (ticket.relayName !== relayName) {
    await recordForgery(db, ticket.hostId, relayName, "console event", nowMs);
    throw new AppError("forbidden", "The console ticket is another relay's.");
  }
  const instance = await db.instance.findUnique({ where: { id: ticket.instanceId }, select: { organizationId: true } });
  if (instance === null) return;
  const action = `instance.console.${input.event}` as const satisfies AuditAction;
  const event = { organizationId: instance.organizationId, action, targetKind: "instance", targetId: ticket.instanceId };
  const told = await db.auditEvent.findFirst({
    where: { ...event, detail: { path: ["ticketId"], equals: ticket.id } },
    orderBy: { id: "desc" },
    select: { id: true },
  });
  if (told !== null) return;
  const { id: ticketId, kind, mode, shareId } = ticket;
  await db.$transaction(async (tx) => {
    await tx.auditEvent.create({
      data: {
        ...event,
        // Nobody with an account looked, where it was by a link.
        actorId: shareId === undefined ? ticket.userId : null,
        result: input.event === "refused" ? "denied" : "success",
        detail: {
          ticketId,
          kind,
          mode,
          bytesOut: input.bytesOut,
          ...(shareId === undefined ? {} : { shareId }),
          ...(input.reason === null ? {} : { reason: input.reason }),
        },
      },
    });
    await trackViewer(tx, instance.organizationId, ticket, input.event, new Date(nowMs));
  });
}

function openTicket(signer: Signer, input: ConsoleEvent): ConsoleTicket {
  try {
    return openEnvelope(input.ticket, { purpose: "console-ticket", publicKeys: [signer.publicKey], schema: ConsoleTicket });
  } catch (cause) {
    throw new AppError("forbidden", "This is no console ticket of this centre's.", { cause });
  }
}
