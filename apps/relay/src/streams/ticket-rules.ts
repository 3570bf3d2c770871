import { CONSOLE_TICKET_TTL_MS, ConsoleTicket } from "@indium/contract/console";
import { SignedEnvelope } from "@indium/contract/envelope";
import { AppError } from "@indium/contract/errors";
import { openEnvelope } from "@indium/tunnel/envelope";
import { readForeignJson } from "@indium/tunnel/foreign-json";
import type { NonceCache } from "@indium/tunnel/nonce-cache";

const MAX_TICKET_CHARACTERS = 8_192;
/** Between the centre's clock and the relay's. */
const CLOCK_TOLERANCE_MS = 5_000;

export interface TicketRules {
  readonly relayName: string;
  /** Raw base64; null before the centre's key is known. */
  readonly centrePublicKey: string | null;
  /** Tickets used before this relay started are forgotten, so older ones are refused. */
  readonly startedAt: number;
  readonly now: number;
  readonly used: NonceCache;
}

export interface AcceptedTicket {
  readonly ticket: ConsoleTicket;
  /** As signed, for the agent to verify once more. */
  readonly envelope: SignedEnvelope;
}

/** A refusal of a rightly signed ticket of this relay carries it, for the audit log. */
export class TicketRefused extends AppError {
  readonly ticket: SignedEnvelope | null;

  constructor(
    code: "signature_invalid" | "token_used" | "token_expired" | "forbidden" | "bad_request",
    message: string,
    ticket: SignedEnvelope | null,
  ) {
    super(code, message);
    this.ticket = ticket;
  }
}

/**
 * Takes a ticket for use, once. `text` is the query's: base64url of the JSON of a `console-ticket` envelope.
 * @throws TicketRefused
 */
export function takeTicket(text: string | null, rules: TicketRules): AcceptedTicket {
  if (rules.centrePublicKey === null)
    throw new TicketRefused("forbidden", "The relay is still starting. Open the console again in a moment.", null);
  const envelope = decode(text);
  if (envelope === null)
    throw new TicketRefused(
      "bad_request",
      "There is no valid console ticket in this address. Open the console from the instance's page.",
      null,
    );
  let ticket: ConsoleTicket;
  try {
    ticket = openEnvelope(envelope, { purpose: "console-ticket", publicKeys: [rules.centrePublicKey], schema: ConsoleTicket });
  } catch {
    throw new TicketRefused("signature_invalid", "The console ticket was not signed by this installation.", null);
  }
  if (ticket.relayName !== rules.relayName) throw new TicketRefused("forbidden", "The console ticket is for another relay.", null);
  const lifetime = ticket.expiresAt - ticket.issuedAt;
  if (lifetime <= 0 || lifetime > CONSOLE_TICKET_TTL_MS || ticket.issuedAt > rules.now + CLOCK_TOLERANCE_MS) {
    throw new TicketRefused("token_expired", "The console ticket's times are wrong; compare the clocks of web and relay.", envelope);
  }
  if (ticket.expiresAt <= rules.now)
    throw new TicketRefused("token_expired", "The console ticket has expired. Open the console again.", envelope);
  if (ticket.issuedAt < rules.startedAt) {
    throw new TicketRefused(
      "token_expired",
      "The relay has restarted since this console ticket was issued. Open the console again.",
      envelope,
    );
  }
  if (rules.used.take(ticket.id, ticket.expiresAt, rules.now) !== "fresh") {
    throw new TicketRefused("token_used", "The console ticket was already used. Open the console again.", envelope);
  }
  return { ticket, envelope };
}

function decode(text: string | null): SignedEnvelope | null {
  if (text === null || text.length > MAX_TICKET_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(text)) return null;
  const parsed = SignedEnvelope.safeParse(readForeignJson(Buffer.from(text, "base64url").toString("utf8")));
  return parsed.success ? parsed.data : null;
}
