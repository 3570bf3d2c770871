import { z } from "zod";
import { HostId, InstanceId, ShareId, TicketId, UserId } from "./ids";
import { CONSOLE_CLOSE } from "./plain/console-close";

export const ConsoleKind = z.enum(["vnc", "serial"]);
export type ConsoleKind = z.infer<typeof ConsoleKind>;
/** `view` drops every input message of the viewer on the host, before it reaches the VM. */
export const ConsoleMode = z.enum(["control", "view"]);
export type ConsoleMode = z.infer<typeof ConsoleMode>;

export const CONSOLE_TICKET_TTL_MS = 30_000;

/**
 * Payload of a `console-ticket` envelope: single use, 30 s, for one instance, one user, one relay. Times in ms since the epoch. For a guest by
 * link `userId` is who made the link: with their right goes the guest's.
 */
export const ConsoleTicket = z.object({
  id: TicketId,
  instanceId: InstanceId,
  hostId: HostId,
  userId: UserId,
  /** The link it was opened by. */
  shareId: ShareId.optional(),
  relayName: z.string().max(100),
  kind: ConsoleKind,
  mode: ConsoleMode,
  issuedAt: z.number().int(),
  expiresAt: z.number().int(),
  /** When the open stream ends; hosts count from the ticket's issue, whatever their clock says. */
  endsAt: z.number().int().optional(),
});
export type ConsoleTicket = z.infer<typeof ConsoleTicket>;

/**
 * What the host says of a serial stream, as text frames; the port's bytes are binary frames both ways. `history`: so many of the first
 * bytes were printed before this viewer came. A host of before says nothing.
 */
export const SerialNote = z.discriminatedUnion("kind", [z.object({ kind: z.literal("history"), bytes: z.number().int().min(0) })]);
export type SerialNote = z.infer<typeof SerialNote>;

/** How an open stream may be ended at the centre's word. */
export const ConsoleEndCode = z.union([
  z.literal(CONSOLE_CLOSE.endedByAdministrator),
  z.literal(CONSOLE_CLOSE.controlPassed),
  z.literal(CONSOLE_CLOSE.shareEnded),
]);
export type ConsoleEndCode = z.infer<typeof ConsoleEndCode>;
