/** How many may want to link and have proved nothing, in all and from one address, those who wait for their turn included: a flood of strangers costs no more than this. */
export class HandshakeLimiter {
  readonly #perAddress = new Map<string, number>();
  readonly #limits: { readonly total: number; readonly perAddress: number };
  #total = 0;

  constructor(limits = { total: 4_000, perAddress: 200 }) {
    this.#limits = limits;
  }

  /** Null when there is no room; else call it once at the end of the handshake. */
  enter(address: string): (() => void) | null {
    const here = this.#perAddress.get(address) ?? 0;
    if (this.#total >= this.#limits.total || here >= this.#limits.perAddress) return null;
    this.#total += 1;
    this.#perAddress.set(address, here + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#total -= 1;
      const now = (this.#perAddress.get(address) ?? 1) - 1;
      if (now === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, now);
    };
  }
}
