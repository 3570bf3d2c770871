import type { SignedEnvelope } from "@indium/contract/envelope";
import { type ErrorCode, toAppError } from "@indium/contract/errors";
import { pause } from "@indium/tunnel/backoff";
import type { Centre } from "../centre";

type Event = Parameters<typeof eventOf>;
const eventOf = (ticket: SignedEnvelope, event: "opened" | "closed" | "refused", reason: string | null, bytesOut: number) => ({
  ticket,
  event,
  reason: reason === null ? null : reason.slice(0, 300),
  bytesOut,
});

const MAX_WAITING = 2_000;
const RETRY_MS = 2_000;
/** The centre's last word on an event: asking again would only hold up those behind it. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["bad_request", "forbidden", "not_found"]);

/**
 * Who opened which console, told to the centre in order. Waits in memory while the centre is away; beyond 2,000 the oldest refusals are
 * dropped, then the oldest openings, and only then an end: without it the centre would go on showing someone who is gone.
 */
export class ConsoleAudit {
  readonly #centre: Pick<Centre, "call">;
  readonly #stop = new AbortController();
  readonly #waiting: ReturnType<typeof eventOf>[] = [];
  #sending = false;

  constructor(centre: Pick<Centre, "call">) {
    this.#centre = centre;
  }

  add(...event: Event): void {
    this.#waiting.push(eventOf(...event));
    if (this.#waiting.length > MAX_WAITING) this.#waiting.splice(this.#leastMissed(), 1);
    void this.#send();
  }

  stop(): void {
    this.#stop.abort();
  }

  #leastMissed(): number {
    for (const kind of ["refused", "opened"] as const) {
      const index = this.#waiting.findIndex(({ event }) => event === kind);
      if (index >= 0) return index;
    }
    return 0;
  }

  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    for (let event = this.#waiting[0]; event !== undefined && !this.#stop.signal.aborted; event = this.#waiting[0]) {
      try {
        await this.#centre.call("consoleEvent", event);
        if (this.#waiting[0] === event) this.#waiting.shift();
      } catch (thrown) {
        const { code } = toAppError(thrown, "The centre did not take a console's event.");
        if (!FINAL.has(code)) await pause(RETRY_MS, this.#stop.signal);
        else if (this.#waiting[0] === event) this.#waiting.shift();
      }
    }
    this.#sending = false;
  }
}
