import type { Clock } from "./clock";

interface Timer {
  at: number;
  readonly period: number | null;
  readonly act: () => void;
}

/** A clock that tests (and nothing else) move by hand. Timers run in order; what they started settles before the next one runs. */
export class FakeClock implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = (): void => {
        this.#timers.delete(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer: Timer = { at: this.#now + ms, period: null, act: done };
      this.#timers.add(timer);
      signal?.addEventListener("abort", done, { once: true });
    });
  }

  every(ms: number, act: () => void): () => void {
    const timer: Timer = { at: this.#now + ms, period: ms, act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets everything that needs no time settle. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (;;) {
      const next = [...this.#timers].filter((timer) => timer.at <= end).sort((left, right) => left.at - right.at)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      if (next.period === null) this.#timers.delete(next);
      else next.at += next.period;
      next.act();
      await this.settle();
    }
    this.#now = end;
    await this.settle();
  }
}
