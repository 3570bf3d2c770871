/*
 *                UDP is silent, and a pair needs the relay                opened
 *   off ─────────────────────────────────────────────────────▶ opening ─────────▶ carrying ──probes answered by UDP, in a row──▶ off
 *    ▲ ▲                                                         │  ▲               │  │
 *    │ └────────── UDP answers, or nobody needs it any more ─────┼──┼───────────────┘  │ ended by the relay, the connection lost
 *    │                                                           │  │                  │
 *    │                                                    failed ▼  │ the wait is over ▼
 *    └─────────────────── nobody needs it any more ───────────── waiting ◀─────────────┘
 *
 * Invariants
 * - It is the second choice: UDP that answers is never given up for it, and while it carries UDP is asked for again and again.
 * - Asking costs nothing: in a probe datagrams go both ways, so that none is lost or late.
 * - Only what came by UDP ends it for UDP. When UDP falls silent again soon after, it is waited for longer each time.
 */

/** How long nobody may need it before it is closed. */
const UNNEEDED_MS = 60_000;
const FIRST_WAIT_MS = 1_000;
const LAST_WAIT_MS = 60_000;
const FIRST_PROBE_AFTER_MS = 10_000;
const PROBE_EVERY_MS = 30_000;
const LONGEST_PROBE_EVERY_MS = 600_000;
/** Between probes that are answered. */
const NEXT_PROBE_MS = 1_000;
const PROBES_IN_A_ROW = 3;
/** An answer that takes longer is none. */
const PROBE_ANSWER_MS = 2_000;
/** UDP has this long to answer after it was left for it. */
const TRIAL_MS = 10_000;
/** Left for UDP and back within this: UDP did not hold. */
const RELAPSE_MS = 120_000;

export type CarrierStep = "open" | "close" | "probe" | "leave";

type Phase =
  | { readonly kind: "off" }
  | { readonly kind: "opening" }
  | { readonly kind: "carrying"; unneededSince: number | null; probeAt: number; asked: number | null; inARow: number }
  | { readonly kind: "waiting"; readonly until: number };

export interface CarrierNeed {
  /** Nothing comes back from the relay by UDP. */
  readonly silent: boolean;
  /** Another host is reached by the relay or not at all. */
  readonly needed: boolean;
}

/** Whether this host's WireGuard goes by a carrier. Times in ms of one clock that only grows. */
export class CarrierChoice {
  #phase: Phase = { kind: "off" };
  #failures = 0;
  #detail: string | null = null;
  #relapses = 0;
  #leftAt = Number.NEGATIVE_INFINITY;

  get state(): Phase["kind"] {
    return this.#phase.kind;
  }

  /** Why it could not be opened last, or has ended; null when nothing failed. */
  get detail(): string | null {
    return this.#detail;
  }

  /** What is to be done now; null for nothing. Whoever is told a step carries it out. */
  next(now: number, { silent, needed }: CarrierNeed): CarrierStep | null {
    const phase = this.#phase;
    switch (phase.kind) {
      case "off":
        if (!silent || !needed || now - this.#leftAt < TRIAL_MS) return null;
        this.#phase = { kind: "opening" };
        return "open";
      case "opening":
        return null;
      case "waiting":
        if (!silent || !needed) this.reset();
        else if (now >= phase.until) {
          this.#phase = { kind: "opening" };
          return "open";
        }
        return null;
      case "carrying":
        phase.unneededSince = needed ? null : (phase.unneededSince ?? now);
        if (phase.unneededSince !== null && now - phase.unneededSince >= UNNEEDED_MS) {
          this.reset();
          return "close";
        }
        if (phase.inARow >= PROBES_IN_A_ROW) {
          this.reset();
          this.#leftAt = now;
          return "leave";
        }
        if (phase.asked !== null && now - phase.asked >= PROBE_ANSWER_MS) {
          phase.asked = null;
          phase.inARow = 0;
          phase.probeAt = now + this.#probeEveryMs;
        }
        if (phase.asked !== null || now < phase.probeAt) return null;
        phase.asked = now;
        return "probe";
    }
  }

  opened(now: number): void {
    const relapsed = now - this.#leftAt < RELAPSE_MS;
    this.#relapses = relapsed ? this.#relapses + 1 : 0;
    this.#leftAt = Number.NEGATIVE_INFINITY;
    this.#failures = 0;
    this.#detail = null;
    const probeAt = now + (relapsed ? this.#probeEveryMs : FIRST_PROBE_AFTER_MS);
    this.#phase = { kind: "carrying", unneededSince: null, probeAt, asked: null, inARow: 0 };
  }

  /** It did not open, or has ended by itself. */
  failed(now: number, words: string): void {
    this.#phase = { kind: "waiting", until: now + Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures) };
    this.#failures += 1;
    this.#detail = words;
  }

  probeAnswered(now: number): void {
    if (this.#phase.kind !== "carrying" || this.#phase.asked === null) return;
    this.#phase.asked = null;
    this.#phase.inARow += 1;
    this.#phase.probeAt = now + NEXT_PROBE_MS;
  }

  /** There is none, whatever was: the tunnel is gone, or another. */
  reset(): void {
    this.#phase = { kind: "off" };
    this.#failures = 0;
    this.#detail = null;
  }

  get #probeEveryMs(): number {
    return Math.min(LONGEST_PROBE_EVERY_MS, PROBE_EVERY_MS * 2 ** this.#relapses);
  }
}
