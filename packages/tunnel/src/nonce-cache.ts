/** Remembers what has been seen until it expires by itself; refuses to forget anything early. Times in ms, by the caller's clock. */
export class NonceCache {
  readonly #seen = new Map<string, number>();
  readonly #limit: number;

  constructor(limit = 200_000) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#seen.size;
  }

  /** `full`: nothing more can be taken without forgetting something that is still valid. */
  take(value: string, expiresAt: number, now: number): "fresh" | "seen" | "full" {
    const known = this.#seen.get(value);
    if (known !== undefined && known > now) return "seen";
    if (this.#seen.size >= this.#limit) this.#sweep(now);
    if (this.#seen.size >= this.#limit) return "full";
    this.#seen.delete(value);
    this.#seen.set(value, expiresAt);
    // The oldest are first: two steps of sweeping for each taken keeps the map at its living size.
    let steps = 2;
    for (const [oldest, expiry] of this.#seen) {
      if (steps-- === 0 || expiry > now) break;
      this.#seen.delete(oldest);
    }
    return "fresh";
  }

  #sweep(now: number): void {
    for (const [value, expiry] of this.#seen) if (expiry <= now) this.#seen.delete(value);
  }
}
