import { CONSOLE_TICKET_TTL_MS, type ConsoleKind, type ConsoleMode, type ConsoleTicket } from "@indium/contract/console";
import { AppError } from "@indium/contract/errors";
import type { HostId, InstanceId, ShareId, UserId } from "@indium/contract/ids";
import { newId } from "@indium/contract/plain/ids";
import { RELAY_PATHS, RELAY_QUERY } from "@indium/contract/protocol";
import { displayedState } from "@indium/domain/displayed-state";
import { mayAct } from "@indium/domain/instance-actions";
import type { Db } from "../db";
import { audit } from "./audit";
import { takeFreeControl } from "./console-control";
import { factsOf, hostIsOnline, notFound } from "./instances";
import { type Signer, signTicket } from "./signing";

export interface ConsoleRequest {
  readonly organizationId: string;
  readonly instanceId: string;
  readonly userId: UserId;
  /** By a link, until it ends: `userId` is who made it. */
  readonly share?: { readonly id: ShareId; readonly endsAt: number };
  readonly kind: ConsoleKind;
  /** `control` is given when nobody else has it; else one may look. */
  readonly mode: ConsoleMode;
  readonly publicUrl: string;
  readonly remoteAddress: string | null;
  readonly nowMs: number;
}

export interface GivenTicket {
  readonly url: string;
  readonly expiresAt: Date;
  readonly mode: ConsoleMode;
}

/**
 * A ticket for one console stream: signed, single use, 30 s, for this user, this instance and the relay that holds its host. Giving one
 * out is audited; the relay reports the stream's beginning and end.
 * @throws AppError `not_found`, `action_denied` with the tooltip's sentence, `host_unreachable`.
 */
export async function giveTicket(db: Db, signer: Signer, request: ConsoleRequest): Promise<GivenTicket> {
  const { nowMs, share } = request;
  const row = await db.instance.findFirst({
    where: { id: request.instanceId, organizationId: request.organizationId },
    include: { runtime: true, host: true },
  });
  if (row === null) throw notFound();
  const verdict = mayAct(displayedState(factsOf(row, nowMs)), "openConsole");
  if (!verdict.allowed) throw new AppError("action_denied", verdict.reason);
  const { host } = row;
  if (host === null || host.relayName === null || !hostIsOnline(host, nowMs))
    throw new AppError("host_unreachable", `Host ${host?.name ?? "(none)"} cannot be reached now. The console opens when it is back.`);
  const wish: Omit<ConsoleTicket, "mode"> = {
    id: newId("ticket"),
    instanceId: row.id as InstanceId,
    hostId: host.id as HostId,
    userId: request.userId,
    relayName: host.relayName,
    kind: request.kind,
    issuedAt: nowMs,
    expiresAt: nowMs + CONSOLE_TICKET_TTL_MS,
    ...(share === undefined ? {} : { shareId: share.id, endsAt: share.endsAt }),
  };
  const ticket = await db.$transaction(async (tx): Promise<ConsoleTicket> => {
    const now = new Date(nowMs);
    const mode =
      request.mode === "control" && share === undefined && (await takeFreeControl(tx, row.id, request.userId, now)) ? "control" : "view";
    await audit(
      tx,
      { actorId: share === undefined ? request.userId : null, remoteAddress: request.remoteAddress, at: now },
      {
        organizationId: request.organizationId,
        action: "instance.console.ticket",
        target: { kind: "instance", id: row.id },
        detail: { ticketId: wish.id, kind: wish.kind, mode, ...(share === undefined ? {} : { shareId: share.id }) },
      },
    );
    return { ...wish, mode };
  });
  const relay = await db.relay.findUnique({ where: { name: ticket.relayName }, select: { publicUrl: true } });
  const url = new URL(`${relay?.publicUrl ?? request.publicUrl}${RELAY_PATHS.console}`);
  url.searchParams.set(RELAY_QUERY, ticket.relayName);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("ticket", Buffer.from(JSON.stringify(signTicket(signer, ticket)), "utf8").toString("base64url"));
  return { url: url.toString(), expiresAt: new Date(ticket.expiresAt), mode: ticket.mode };
}
