import { CONTROL_ANSWER_MS, type ConsoleRoom } from "@indium/contract/api/console-views";
import { ConsoleKind, ConsoleMode, type ConsoleTicket } from "@indium/contract/console";
import { TicketId } from "@indium/contract/ids";
import type { Db, Tx } from "../db";
import { publishChange } from "../live/publish";
import { readControl } from "./console-control";

/** More open streams than anybody reads the names of. */
const MAX_VIEWERS = 100;

/** Who is at the instance's console, for somebody who may open it. */
export async function consoleRoom(db: Db, where: { instanceId: string; userId: string }, now: Date): Promise<ConsoleRoom> {
  const { instanceId } = where;
  const rows = await db.consoleViewer.findMany({ where: { instanceId }, orderBy: { openedAt: "asc" }, take: MAX_VIEWERS });
  const control = await readControl(db, instanceId, now);
  const shareIds = rows.flatMap((row) => row.shareId ?? []);
  const userIds = [...rows.map((row) => row.userId), ...(control === null ? [] : [control.userId, control.asked?.userId ?? ""])];
  const [users, shares] = await Promise.all([
    db.user.findMany({ where: { id: { in: userIds } }, select: { id: true, name: true } }),
    db.consoleShare.findMany({ where: { id: { in: shareIds } }, select: { id: true, label: true } }),
  ]);
  const person = (userId: string) => ({
    name: users.find((user) => user.id === userId)?.name ?? "Somebody",
    you: userId === where.userId,
  });
  const guest = (shareId: string) => shares.find((share) => share.id === shareId)?.label || "A guest";
  return {
    viewers: rows.map((row) => ({
      id: TicketId.parse(row.ticketId),
      ...(row.shareId === null ? person(row.userId) : { name: guest(row.shareId), you: false }),
      byLink: row.shareId !== null,
      kind: ConsoleKind.parse(row.kind),
      mode: ConsoleMode.parse(row.mode),
      since: row.openedAt,
    })),
    holder: control === null ? null : { ...person(control.userId), since: control.since },
    asked:
      control === null || control.asked === null
        ? null
        : { ...person(control.asked.userId), inMs: Math.max(0, control.asked.at.getTime() + CONTROL_ANSWER_MS - now.getTime()) },
  };
}

/** A stream was opened or has ended, by its relay's word. */
export async function trackViewer(
  tx: Tx,
  organizationId: string,
  ticket: ConsoleTicket,
  event: "opened" | "closed" | "refused",
  now: Date,
): Promise<void> {
  const { id: ticketId, instanceId, userId, kind, mode, relayName, shareId = null } = ticket;
  if (event === "opened") {
    await tx.consoleViewer.create({ data: { ticketId, instanceId, userId, shareId, kind, mode, relayName, openedAt: now } });
  } else if (event === "closed") {
    await tx.consoleViewer.deleteMany({ where: { ticketId } });
    if (mode === "control") await tx.consoleControl.updateMany({ where: { instanceId, userId }, data: { seenAt: now } });
  } else return;
  await publishChange(tx, { organizationId, resource: "console", id: instanceId });
}

/** A relay that starts holds no stream of before, and will never tell of their end. */
export async function forgetViewersOfRelay(db: Db, relayName: string, startedAt: Date): Promise<void> {
  await db.consoleViewer.deleteMany({ where: { relayName, openedAt: { lt: startedAt } } });
}

/** A relay that was not heard of since will not tell of its streams' end: it, or its machine, is gone. */
export async function forgetViewersOfSilentRelays(db: Db, notSince: Date, now: Date): Promise<void> {
  const silent = await db.relay.findMany({ where: { lastSeenAt: { lt: notSince } }, select: { name: true } });
  if (silent.length === 0) return;
  const where = { relayName: { in: silent.map(({ name }) => name) } };
  const viewers = await db.consoleViewer.findMany({ where, include: { instance: { select: { organizationId: true } } } });
  if (viewers.length === 0) return;
  await db.$transaction(async (tx) => {
    for (const { ticketId, instanceId, userId, mode, instance } of viewers) {
      await tx.consoleViewer.deleteMany({ where: { ticketId } });
      if (mode === "control") await tx.consoleControl.updateMany({ where: { instanceId, userId }, data: { seenAt: now } });
      await publishChange(tx, { organizationId: instance.organizationId, resource: "console", id: instanceId });
    }
  });
}
