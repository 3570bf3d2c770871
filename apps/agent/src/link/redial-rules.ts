import { Backoff } from "@indium/tunnel/backoff";

const BASE_MS = 1_000;
const CAP_MS = 30_000;
const FINAL_REFUSAL_MS = 300_000;
/** A link that held this long was a good one: its loss starts the backoff anew. */
const STEADY_MS = 30_000;

/** How long to wait before dialling again, after each way a link can end. */
export class RedialRules {
  readonly #random: () => number;
  readonly #backoff: Backoff;

  constructor(random: () => number = Math.random) {
    this.#random = random;
    this.#backoff = new Backoff({ baseMs: BASE_MS, capMs: CAP_MS, random });
  }

  /** The link was ready for `heldMs` and was lost, or never got there (0). */
  afterLoss(heldMs: number): number {
    if (heldMs >= STEADY_MS) this.#backoff.reset();
    return this.#backoff.next();
  }

  /** `retry: false`: only an administrator changes that answer; one try in five minutes, spread by a fifth. */
  afterRefusal(retry: boolean): number {
    if (retry) return this.#backoff.next();
    return Math.floor(FINAL_REFUSAL_MS * (0.9 + 0.2 * this.#random()));
  }
}
