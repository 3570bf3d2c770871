/** What others on this host may know of its link: whether it holds, and whether bytes went both ways since a moment. */
export interface LinkWitness {
  readonly state: "down" | "linked" | "stopped";
  /** `at` in ms since the epoch, by the clock of `observe`. */
  provenSince(at: number): boolean;
}

/**
 * Proof comes from what the link does anyway: the relay pings every 5 s, and sends the next ping only once it has our answer to the
 * one before (engine.io 4). So a second ping proves that what we sent at the first arrived. A finished handshake proves the same of
 * everything since it was begun.
 */
export class LinkObserver implements LinkWitness {
  #state: LinkWitness["state"] = "down";
  #dialledAt = 0;
  #answeredAt = 0;
  /** What was sent at this moment or before has arrived. */
  #provenAt = 0;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get state(): LinkWitness["state"] {
    return this.#state;
  }

  provenSince(at: number): boolean {
    return this.#state === "linked" && this.#provenAt > at;
  }

  dialling(): void {
    this.#state = "down";
    this.#dialledAt = this.#now();
  }

  ready(): void {
    this.#state = "linked";
    this.#provenAt = Math.max(this.#provenAt, this.#dialledAt);
    this.#answeredAt = 0;
  }

  pinged(): void {
    if (this.#answeredAt > 0) this.#provenAt = Math.max(this.#provenAt, this.#answeredAt);
    this.#answeredAt = this.#now();
  }

  lost(): void {
    this.#state = "down";
    this.#answeredAt = 0;
  }

  stopped(): void {
    this.#state = "stopped";
  }
}
