import { CONSOLE_TICKET_TTL_MS, type ConsoleKind, type ConsoleMode, type ConsoleTicket } from "@indium/contract/console";
import { AppError } from "@indium/contract/errors";
import { type HostId, type InstanceId, newId, type UserId } from "@indium/contract/ids";
import { RELAY_PATHS } from "@indium/contract/protocol";
import { displayedState } from "@indium/domain/displayed-state";
import { mayAct } from "@indium/domain/instance-actions";
import type { Db } from "../db";
import { factsOf, hostIsOnline, notFound } from "./instances";
import { type Signer, signTicket } from "./signing";

export interface ConsoleRequest {
  readonly organizationId: string;
  readonly instanceId: string;
  readonly userId: UserId;
  readonly kind: ConsoleKind;
  readonly mode: ConsoleMode;
  readonly publicUrl: string;
  readonly remoteAddress: string | null;
  readonly nowMs: number;
}

/**
 * A ticket for one console stream: signed, single use, 30 s, for this user, this instance and the relay that holds its host. Giving one
 * out is audited; the relay reports the stream's beginning and end.
 * @throws AppError `not_found`, `action_denied` with the tooltip's sentence, `host_unreachable`.
 */
export async function openConsole(db: Db, signer: Signer, request: ConsoleRequest): Promise<{ url: string; expiresAt: Date }> {
  const { nowMs } = request;
  const row = await db.instance.findFirst({
    where: { id: request.instanceId, organizationId: request.organizationId },
    include: { runtime: true, host: true },
  });
  if (row === null) throw notFound();
  const verdict = mayAct(displayedState(factsOf(row, nowMs)), "openConsole");
  if (!verdict.allowed) throw new AppError("action_denied", verdict.reason);
  if (row.host === null || row.host.relayName === null || !hostIsOnline(row.host, nowMs))
    throw new AppError("host_unreachable", `Host ${row.host?.name ?? "(none)"} cannot be reached now. The console opens when it is back.`);
  const ticket: ConsoleTicket = {
    id: newId("ticket"),
    instanceId: row.id as InstanceId,
    hostId: row.host.id as HostId,
    userId: request.userId,
    relayName: row.host.relayName,
    kind: request.kind,
    mode: request.mode,
    issuedAt: nowMs,
    expiresAt: nowMs + CONSOLE_TICKET_TTL_MS,
  };
  await db.auditEvent.create({
    data: {
      organizationId: request.organizationId,
      actorId: request.userId,
      action: "instance.console.ticket",
      targetKind: "instance",
      targetId: row.id,
      result: "success",
      remoteAddress: request.remoteAddress,
      detail: { ticketId: ticket.id, kind: ticket.kind, mode: ticket.mode },
      at: new Date(nowMs),
    },
  });
  const url = new URL(`${request.publicUrl}${RELAY_PATHS.console}`);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("ticket", Buffer.from(JSON.stringify(signTicket(signer, ticket)), "utf8").toString("base64url"));
  return { url: url.toString(), expiresAt: new Date(ticket.expiresAt) };
}
