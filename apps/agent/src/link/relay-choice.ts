import type { RelayEntry } from "@indium/contract/relays";

/** An address to dial, and which relay is wanted there: null for whatever answers. */
export interface RelayTarget {
  readonly name: string | null;
  readonly url: string;
}

/**
 * Which relay is dialled next. They stand in a line: the first is dialled, and one that failed, or was lost, goes to its end. Each host shuffles
 * its own line, so that hosts spread over relays. One that asked to be left alone for a while is passed over meanwhile. The addresses of the enrolment
 * come last, for when all that was learnt since leads nowhere.
 */
export class RelayChoice {
  readonly #enrolled: readonly string[];
  readonly #random: () => number;
  readonly #notBefore = new Map<string, number>();
  #line: RelayTarget[] = [];

  constructor(enrolled: readonly string[], known: readonly RelayEntry[], random: () => number = Math.random) {
    this.#enrolled = enrolled;
    this.#random = random;
    this.learn(known);
  }

  get size(): number {
    return this.#line.length;
  }

  /** Those that stay keep their places; new ones come behind them. */
  learn(known: readonly RelayEntry[]): void {
    const spare = this.#enrolled.filter((url) => known.every((relay) => relay.url !== url)).map((url) => ({ name: null, url }));
    const now = [...known.map(({ name, url }) => ({ name, url })), ...spare];
    const stay = this.#line.filter((target) => now.some((other) => keyOf(other) === keyOf(target)));
    const fresh = now.filter((target) => !stay.some((other) => keyOf(other) === keyOf(target)));
    const named = [...stay, ...this.#shuffled(fresh.filter((target) => target.name !== null))];
    this.#line = [...named, ...fresh.filter((target) => target.name === null)];
  }

  /** The next to be dialled, and how long it wants to be left alone still. `except`: relays that must not be it. Null when there is no other. */
  next(now: number, except: readonly string[] = []): { target: RelayTarget; waitMs: number } | null {
    const waiting = this.#line
      .filter((target) => except.length === 0 || (target.name !== null && !except.includes(target.name)))
      .map((target) => ({ target, waitMs: Math.max(0, (this.#notBefore.get(keyOf(target)) ?? 0) - now) }));
    // The first of those that wait least; the sort is stable.
    return waiting.sort((a, b) => a.waitMs - b.waitMs)[0] ?? null;
  }

  /** To the end of the line; `retryAfterMs` is the relay's own wish. */
  failed(target: RelayTarget, now: number, retryAfterMs = 0): void {
    const known = this.#find(target);
    if (known === undefined) return;
    this.#line = [...this.#line.filter((other) => other !== known), known];
    if (retryAfterMs > 0) this.#notBefore.set(keyOf(known), now + retryAfterMs);
    else this.#notBefore.delete(keyOf(known));
  }

  /** First in the line from now on. */
  held(target: RelayTarget): void {
    const known = this.#find(target);
    if (known === undefined) return;
    this.#notBefore.delete(keyOf(known));
    this.#line = [known, ...this.#line.filter((other) => other !== known)];
  }

  /** By its name when it is held by another way than those in the line. */
  #find({ name, url }: RelayTarget): RelayTarget | undefined {
    return (
      this.#line.find((other) => other.name === name && other.url === url) ??
      (name === null ? undefined : this.#line.find((other) => other.name === name))
    );
  }

  #shuffled(targets: readonly RelayTarget[]): RelayTarget[] {
    return targets
      .map((target) => ({ target, at: this.#random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ target }) => target);
  }
}

const keyOf = ({ name, url }: RelayTarget): string => `${name ?? ""} ${url}`;
