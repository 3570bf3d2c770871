/*
 *  heard ──QUIET_MS nothing of the link──▶ asked ──the next look──▶ the standby asked too ──anything of the link──▶ heard
 *                                            ▲                        │
 *                                            │    ANSWER_MS, nothing  │
 *                                            ├── the standby neither: ┤
 *                                              it may be this host    ▼ the standby has answered
 *                                                                   silent: promote
 *
 * Whether a link that is not known to be lost is dead. Invariants: only a question that the standby has answered meanwhile, and the link has not,
 * is proof; one that was asked before this process stood still is none. Being wrong costs a change of links and nothing else, because the new
 * epoch fences the old one.
 */

export const SILENCE_LOOK_MS = 500;
/** The relay pings every 5 s: an idle link is asked once between two pings. */
const QUIET_MS = 2_500;
const ANSWER_MS = 1_500;
/** After a link was left for its silence: relays that are too busy to answer must not be handed all hosts to and fro. */
const WARY_MS = 60_000;
const WARY_ANSWER_MS = 6_000;
const STOOD_STILL_MS = 2 * SILENCE_LOOK_MS;

/** When something was last heard of each, by the clock of `look`. */
export interface Heard {
  readonly link: number;
  readonly standby: number;
}

export interface Asked {
  readonly heardAt: number;
  ask(): void;
}

export class SilenceWatch {
  /** When the link was asked what it has not answered yet. */
  #askedAt: number | null = null;
  #standbyAsked = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #leftAt = Number.NEGATIVE_INFINITY;

  /** Every SILENCE_LOOK_MS. Says who is to be asked for an answer now, if anybody. */
  look(now: number, heard: Heard): "ask link" | "ask standby" | "promote" | null {
    const stoodStill = now - this.#lookedAt > STOOD_STILL_MS;
    this.#lookedAt = now;
    if (this.#askedAt === null || heard.link >= this.#askedAt) {
      this.#askedAt = null;
      return now - heard.link < QUIET_MS ? null : this.#ask(now);
    }
    if (stoodStill) return this.#ask(now);
    if (!this.#standbyAsked) {
      this.#standbyAsked = true;
      return "ask standby";
    }
    if (now - this.#askedAt < (now - this.#leftAt < WARY_MS ? WARY_ANSWER_MS : ANSWER_MS)) return null;
    if (heard.standby < this.#askedAt) return this.#ask(now);
    this.#leftAt = now;
    this.#askedAt = null;
    return "promote";
  }

  /** As `look`, and asks. True: promote the standby. */
  leaves(now: number, link: Asked, standby: Asked): boolean {
    const verdict = this.look(now, { link: link.heardAt, standby: standby.heardAt });
    if (verdict === "ask link") link.ask();
    if (verdict === "ask standby") standby.ask();
    return verdict === "promote";
  }

  /** Another link. */
  reset(): void {
    this.#askedAt = null;
  }

  #ask(now: number): "ask link" {
    this.#askedAt = now;
    this.#standbyAsked = false;
    return "ask link";
  }
}
