/**
 * Calls by their key, for as long as a moved link may ask for them again: what runs is joined, and what has been answered is answered the
 * same, so that a call is carried out once although it was sent over two links.
 *
 *   run ──▶ running ──ends──▶ answered ──KEEP_MS──▶ forgotten
 *              │ its last link is lost: aborted after GRACE_MS, unless asked for again
 */
export interface CallAnswer {
  readonly kind: "data" | "error";
  readonly message: object;
}

interface Remembered {
  readonly answer: Promise<CallAnswer>;
  readonly controller: AbortController;
  /** Links by which it was asked and that hold. */
  links: number;
  abandoned: NodeJS.Timeout | null;
}

/** A link's silence is noticed within 15 s; the answer that was lost with it is asked for soon after. */
const KEEP_MS = 20_000;
const GRACE_MS = 15_000;
/** Each answer is at most a few megabytes, and most are some hundred bytes. */
const MAX_ANSWERED = 64;

export class CallMemory {
  readonly #calls = new Map<string, Remembered>();
  /** Oldest first. */
  readonly #answered: string[] = [];
  readonly #graceMs: number;

  constructor(graceMs = GRACE_MS) {
    this.#graceMs = graceMs;
  }

  /** `act` is called for a key that is not known; it never rejects. */
  run(key: string, act: (signal: AbortSignal) => Promise<CallAnswer>): Promise<CallAnswer> {
    const known = this.#calls.get(key);
    if (known !== undefined) {
      if (known.abandoned !== null) clearTimeout(known.abandoned);
      known.abandoned = null;
      known.links += 1;
      return known.answer;
    }
    const controller = new AbortController();
    const answer = act(controller.signal);
    const call: Remembered = { answer, controller, links: 1, abandoned: null };
    this.#calls.set(key, call);
    void answer.finally(() => {
      if (call.abandoned !== null) clearTimeout(call.abandoned);
      this.#answered.push(key);
      if (this.#answered.length > MAX_ANSWERED) this.#forget(this.#answered[0] ?? "");
      setTimeout(() => this.#forget(key), KEEP_MS).unref();
    });
    return answer;
  }

  /** A link by which it was asked is gone: after the last of them it is aborted, unless another asks for it in time. */
  abandon(key: string): void {
    const call = this.#calls.get(key);
    if (call === undefined) return;
    call.links -= 1;
    if (call.links > 0) return;
    call.abandoned = setTimeout(() => call.controller.abort(), this.#graceMs);
    call.abandoned.unref();
  }

  /** The caller wants it no more. */
  stop(key: string): void {
    this.#calls.get(key)?.controller.abort();
  }

  #forget(key: string): void {
    const at = this.#answered.indexOf(key);
    if (at < 0) return;
    this.#answered.splice(at, 1);
    this.#calls.delete(key);
  }
}
