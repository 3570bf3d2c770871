import { ConsoleTicket } from "@indium/contract/console";
import { AppError } from "@indium/contract/errors";
import type { HostId } from "@indium/contract/ids";
import { openEnvelope } from "@indium/tunnel/envelope";
import { NonceCache } from "@indium/tunnel/nonce-cache";

/** Hosts' clocks drift further than servers'. Within this a ticket may seem old or new; it is used once all the same. */
const CLOCK_TOLERANCE_MS = 60_000;

/** The host's own check of console tickets: a relay is not root, so its word is not enough. */
export class TicketCheck {
  readonly #seen = new NonceCache(10_000);
  readonly #hostId: HostId;
  readonly #centrePublicKey: string;
  readonly #startedAt: number;

  /** `startedAt`: what was seen before this agent started is forgotten, so older tickets are refused. */
  constructor(options: { hostId: HostId; centrePublicKey: string; startedAt: number }) {
    this.#hostId = options.hostId;
    this.#centrePublicKey = options.centrePublicKey;
    this.#startedAt = options.startedAt;
  }

  /** @throws AppError `signature_invalid`, `forbidden`, `token_expired` or `token_used`. */
  take(envelope: unknown, relayName: string, now: number): ConsoleTicket {
    const ticket = openEnvelope(envelope, { purpose: "console-ticket", publicKeys: [this.#centrePublicKey], schema: ConsoleTicket });
    if (ticket.hostId !== this.#hostId) throw new AppError("forbidden", "The console ticket is for another host.");
    if (ticket.relayName !== relayName)
      throw new AppError("forbidden", "The console ticket is for another relay than the one that sent it.");
    const expiresAt = ticket.expiresAt + CLOCK_TOLERANCE_MS;
    if (now >= expiresAt || ticket.issuedAt > now + CLOCK_TOLERANCE_MS) {
      throw new AppError(
        "token_expired",
        "The console ticket has expired by the host's clock. Open the console again; if this stays, set the host's clock.",
      );
    }
    if (ticket.issuedAt + CLOCK_TOLERANCE_MS < this.#startedAt) {
      throw new AppError("token_expired", "The host's agent has restarted since the console ticket was issued. Open the console again.");
    }
    if (this.#seen.take(ticket.id, expiresAt, now) !== "fresh")
      throw new AppError("token_used", "The console ticket was already used on this host.");
    return ticket;
  }
}
