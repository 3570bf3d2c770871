import type { Server, Socket } from "node:net";

export interface TurnstileOptions {
  /** What a turn of the event loop may take, ms, all that happens in it: beyond it fewer are let in, down to one. */
  readonly turnMs: number;
  /** So many at once between their entering and `through`; any number unless given. */
  readonly atOnce?: number;
  /** Whoever takes longer than this is not waited for any more, ms: silence must not keep others out. */
  readonly patienceMs?: number;
  /** Ms, monotonic. */
  readonly now?: () => number;
}

const MOST_PER_TURN = 64;
const FIRST_PER_TURN = 8;
const PATIENCE_MS = 50;

/**
 * Lets in, in order, as many per turn of the event loop as leave it short. When thousands come at the same moment, what each costs (a TLS handshake, an
 * upgrade, their signatures, an end) is spread over many turns, and whoever is inside already is served in between.
 *
 *   pass ──room in this turn, and among those inside──▶ enters ──through, or patienceMs──▶ not counted
 *     │ none                                              ▲
 *     └──▶ waits ────────────────────── a later turn ─────┘
 *
 * While somebody waits the loop does not sleep, so that from one turn to the next is the work that was done. Most of what one costs comes some turns
 * after the entering: that is why the number follows the turns before (one more after a short turn, half after a long one), and why those
 * inside are bounded, whose peers may all answer at the same moment.
 *
 * Invariants: in order; at least one per turn while those inside leave room; nobody waits while nothing happens.
 */
export class Turnstile {
  readonly #turnMs: number;
  readonly #atOnce: number;
  readonly #patienceMs: number;
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  /** Until when each of those inside is counted: in order. */
  readonly #inside: number[] = [];
  #perTurn = FIRST_PER_TURN;
  #left = FIRST_PER_TURN;
  #turnBegan = 0;
  #turning = false;
  #late: NodeJS.Timeout | undefined;

  constructor({ turnMs, atOnce = Number.POSITIVE_INFINITY, patienceMs = PATIENCE_MS, now = () => performance.now() }: TurnstileOptions) {
    this.#turnMs = turnMs;
    this.#atOnce = atOnce;
    this.#patienceMs = patienceMs;
    this.#now = now;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Calls `enter` now if there is room, else in a later turn. */
  pass(enter: () => void): void {
    this.#waiting.push(enter);
    if (this.#turning) return void (this.#waiting.length === 1 && this.#letIn());
    this.#begin();
    this.#letIn();
  }

  /** One of those that entered is done: it does not matter which. */
  through(): void {
    if (this.#inside.length > 0) this.#inside.shift();
    if (this.#waiting.length > 0 && !this.#turning) this.#begin();
  }

  #begin(): void {
    clearTimeout(this.#late);
    this.#turning = true;
    this.#turnBegan = this.#now();
    this.#left = this.#perTurn;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    const took = this.#now() - this.#turnBegan;
    this.#perTurn = took > this.#turnMs ? Math.max(1, this.#perTurn >> 1) : Math.min(MOST_PER_TURN, this.#perTurn + 1);
    this.#turning = false;
    if (this.#waiting.length === 0) return;
    if (!this.#hasPlace()) {
      // The loop may sleep: who is inside wakes it, at the latest by running out of time.
      this.#late = setTimeout(() => this.#begin(), Math.max(1, (this.#inside[0] ?? 0) - this.#turnBegan - took));
      return;
    }
    this.#begin();
    this.#letIn();
  }

  /** Those who have run out of time leave room. */
  #hasPlace(): boolean {
    if (this.#inside.length < this.#atOnce) return true;
    const now = this.#now();
    while (this.#inside.length > 0 && (this.#inside[0] ?? 0) <= now) this.#inside.shift();
    return this.#inside.length < this.#atOnce;
  }

  #letIn(): void {
    const until = this.#turnBegan + this.#turnMs;
    const isFirst = this.#left === this.#perTurn;
    for (let first = isFirst; this.#left > 0 && this.#waiting.length > 0 && this.#hasPlace(); first = false) {
      const now = this.#now();
      if (!first && now >= until) return;
      this.#left -= 1;
      if (this.#atOnce !== Number.POSITIVE_INFINITY) this.#inside.push(now + this.#patienceMs);
      // Taken out before it enters: one that throws must not leave the others standing.
      this.#waiting.shift()?.();
    }
  }
}

/** A server's new connections go through a turnstile before the server itself looks at them. `admits` false: it has taken the socket over, or ended it. */
export function pace(server: Server, turnstile: Turnstile, admits: (socket: Socket) => boolean = () => true): void {
  const listeners = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    // One that is reset while it waits must not end the process.
    socket.on("error", () => {});
    if (!admits(socket)) return;
    turnstile.pass(() => {
      if (socket.destroyed) turnstile.through();
      else for (const listener of listeners) listener.call(server, socket);
    });
  });
}
