import { setMaxListeners } from "node:events";
import type { Clock } from "../../system/clock";

/** Calls that change or ask nothing outside the agent's own memory. */
const WITHIN = /^(on[A-Z].*|release|setDocument|removeDocument|attach|beginBoot)$/;

/**
 * One life of an agent, which may end as by kill -9 at any of its calls to the outside: right before the call, or right after it was carried
 * out and before its answer came. From then on nothing of it acts, answers or returns.
 */
export class Life {
  readonly over: Promise<void>;
  /** Calls to the outside so far. */
  calls = 0;
  #dead = false;
  #die: () => void = () => {};
  readonly #endsAt: number;
  readonly #carriedOut: boolean;
  readonly #ending = new AbortController();

  /** @param endsAt the number of its last call, from 1; infinity: it lives until `end`. @param carriedOut whether that call still takes place. */
  constructor(endsAt = Number.POSITIVE_INFINITY, carriedOut = false) {
    this.#endsAt = endsAt;
    this.#carriedOut = carriedOut;
    setMaxListeners(0, this.#ending.signal);
    this.over = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  get isOver(): boolean {
    return this.#dead;
  }

  end(): void {
    this.#dead = true;
    this.#ending.abort();
    this.#die();
  }

  /** The same port, whose calls count and may be the last. */
  of<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args);
        if (WITHIN.test(String(name))) return call;
        return (...args: unknown[]) => this.#call(() => call(...args));
      },
    });
  }

  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      sleep: async (ms, signal) => {
        if (this.#dead) return never();
        await clock.sleep(ms, signal === undefined ? this.#ending.signal : AbortSignal.any([signal, this.#ending.signal]));
        if (this.#dead) await never();
      },
      every: (ms, act) => {
        const stop = clock.every(ms, () => !this.#dead && act());
        this.#ending.signal.addEventListener("abort", stop, { once: true });
        return stop;
      },
    };
  }

  async #call(call: () => unknown): Promise<unknown> {
    if (this.#dead) return never();
    this.calls += 1;
    const last = this.calls === this.#endsAt;
    if (last && !this.#carriedOut) {
      this.end();
      return never();
    }
    const outcome = await Promise.resolve(call()).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (last) this.end();
    if (this.#dead) return never();
    if ("error" in outcome) throw outcome.error;
    const { value } = outcome;
    // A VM's handle is a port of its own.
    return typeof value === "object" && value !== null && "powerButton" in value ? this.of(value) : value;
  }
}

const never = (): Promise<never> => new Promise(() => {});
