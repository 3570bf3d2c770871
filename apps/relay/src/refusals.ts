/** Why the relay turned somebody away. The names are what `GET /metrics` on the private listener counts. */
export const REFUSALS = [
  /** No room for one more who has proved nothing, in all or of one address. */
  "link_limit",
  /** More bytes than a handshake takes, before any proof. */
  "link_bytes",
  /** No hello, or no proof, in time. */
  "link_late",
  "link_malformed",
  /** A proof that is not the key's, or was used before. */
  "link_proof",
  /** The centre does not know the key, has revoked it, or speaks another protocol. */
  "link_forbidden",
  /** This relay is full, or about to end: the host may go to another. */
  "link_busy",
  /** A message of a link that is too long or no message. */
  "frame",
  /** Not HTTP, headers too long, or too slow. */
  "http",
  /** An upgrade that leads nowhere. */
  "upgrade",
  "ticket",
  /** A dial-back that nobody waits for. */
  "stream",
  /** A carrier of the overlay that sent what is no frame. */
  "carrier",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Counts since the relay's start: one number for each reason, whatever a stranger does. */
export class Refusals {
  readonly #counts = new Map<Refusal, number>();

  count(reason: Refusal): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  get counts(): Readonly<Record<Refusal, number>> {
    return Object.fromEntries(REFUSALS.map((reason) => [reason, this.#counts.get(reason) ?? 0])) as Record<Refusal, number>;
  }
}
