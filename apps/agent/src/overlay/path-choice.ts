import type { PathReason } from "@indium/contract/overlay";

/*
 *          begin                 STEADY answers in a row                LOST_AFTER asked in vain
 *   off ─────────▶ on, unused ───────────────────────────▶ on, used ──────────────────────────────┐
 *    ▲               ▲   ▲          and the wait is over        │ a link over it failed            │
 *    └── off(…) ─────┘   └──────────────────────────────────────┴──────────────────────────────────┘
 *                                  the wait before it is used again doubles
 *
 * Invariants: only what was heard makes the overlay used, and only asking in vain makes it unused; a path that comes and goes is waited for
 * longer each time, so that links do not move to and fro.
 */

/** Answers in a row before it is used. */
const STEADY = 3;
/** Heartbeats asked in vain, and over how long at least, before it is used no more. */
const LOST_AFTER = 4;
const LOST_AFTER_MS = 2_000;
const BEAT_MS = 5_000;
/** While it is not known whether it still answers. */
const DOUBT_MS = 700;
const FIRST_BEATS_MS = 1_000;
const FIRST_BEATS = 3;
/** Until then it is only `trying` that it has never answered. */
const TRYING_MS = 15_000;
const FIRST_WAIT_MS = 5_000;
const LAST_WAIT_MS = 300_000;
/** Used for this long without a break, its losses are forgotten. */
const FORGIVEN_AFTER_MS = 600_000;

export interface PathView {
  readonly useOverlay: boolean;
  readonly reason: PathReason;
  readonly detail: string | null;
}

/** Whether this host's traffic takes the overlay, by its heartbeats alone. Times in ms of one clock that only grows. */
export class PathChoice {
  #off: { readonly reason: PathReason; readonly detail: string | null } | null = { reason: "trying", detail: null };
  #begunAt = 0;
  #sent = 0;
  #inVain = 0;
  #inVainSince = 0;
  #inARow = 0;
  #heardAt: number | null = null;
  #usedSince: number | null = null;
  #losses = 0;
  #waitUntil = 0;
  #failure: string | null = null;

  off(reason: PathReason, detail: string | null): void {
    this.#off = { reason, detail };
    this.#usedSince = null;
  }

  /** The tunnel is configured, perhaps anew. */
  begin(now: number): void {
    this.#off = null;
    this.#begunAt = now;
    this.#sent = 0;
    this.#inVain = 0;
    this.#inARow = 0;
    this.#heardAt = null;
    this.#usedSince = null;
  }

  /** A heartbeat goes out. */
  asked(now: number): void {
    if (this.#inVain === 0) this.#inVainSince = now;
    else this.#inARow = 0;
    this.#sent += 1;
    this.#inVain += 1;
    if (this.#usedSince === null || this.#inVain < LOST_AFTER || now - this.#inVainSince < LOST_AFTER_MS) return;
    this.#lose(now, null);
  }

  answered(now: number): void {
    if (this.#off !== null) return;
    this.#inVain = 0;
    this.#inARow += 1;
    this.#heardAt = now;
    if (this.#usedSince !== null) {
      if (now - this.#usedSince > FORGIVEN_AFTER_MS) this.#losses = 0;
    } else if (this.#inARow >= STEADY && now >= this.#waitUntil) {
      this.#usedSince = now;
      this.#failure = null;
    }
  }

  /** The tunnel answers, and a link over it did not come up. */
  linkFailed(now: number, words: string): void {
    if (this.#usedSince !== null) this.#lose(now, words);
  }

  #lose(now: number, failure: string | null): void {
    this.#usedSince = null;
    this.#inARow = 0;
    this.#failure = failure;
    this.#waitUntil = now + Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#losses);
    this.#losses += 1;
  }

  /** How long after the last heartbeat the next one is due. */
  get beatMs(): number {
    if (this.#usedSince !== null) return this.#inVain === 0 ? BEAT_MS : DOUBT_MS;
    return this.#sent < FIRST_BEATS || (this.#inARow > 0 && this.#inARow < STEADY) ? FIRST_BEATS_MS : BEAT_MS;
  }

  view(now: number): PathView {
    if (this.#off !== null) return { useOverlay: false, ...this.#off };
    if (this.#usedSince !== null) return { useOverlay: true, reason: "healthy", detail: null };
    const heard = this.#heardAt !== null && this.#inVain < 2;
    if (!heard)
      return { useOverlay: false, reason: this.#heardAt === null && now - this.#begunAt < TRYING_MS ? "trying" : "silent", detail: null };
    if (this.#failure !== null) return { useOverlay: false, reason: "unlinked", detail: this.#failure };
    return { useOverlay: false, reason: this.#losses === 0 ? "trying" : "unsteady", detail: null };
  }
}
