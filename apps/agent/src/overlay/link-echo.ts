import type { ReadyLink } from "../link/connection";

const ECHO_EVERY_MS = 15_000;
const ECHO_TIMEOUT_MS = 5_000;

/** The round trip of the link itself, whichever way it takes. Times by `performance.now()`. */
export class LinkEcho {
  #link: ReadyLink | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #roundTripMs: number | null = null;

  /** Null until the link has answered. */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  begin(link: ReadyLink): void {
    this.#link = link;
    this.#askedAt = Number.NEGATIVE_INFINITY;
    this.#roundTripMs = null;
  }

  /** Often. */
  tick(now: number): void {
    const link = this.#link;
    if (link === null || now - this.#askedAt < ECHO_EVERY_MS || !link.socket.connected) return;
    this.#askedAt = now;
    link.socket.timeout(ECHO_TIMEOUT_MS).emit("link:echo", (late: Error | null) => {
      if (late === null && link === this.#link) this.#roundTripMs = performance.now() - now;
    });
  }
}
