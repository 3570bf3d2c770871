import type { ReportBatch } from "@indium/contract/report";
import type { Outbox } from "../ledger/outbox";
import type { Clock } from "../system/clock";
import { describeError, type Log } from "../system/log";

/** Reports that come together travel together. */
const GATHER_MS = 20;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/**
 * Empties the outbox over the link: one batch at a time, in order, forgotten only once the centre has committed it. Without a
 * link it waits to be woken.
 */
export class ReportSender {
  readonly #outbox: Outbox;
  readonly #send: (batch: ReportBatch) => Promise<number>;
  readonly #clock: Clock;
  readonly #log: Log;
  #linked = false;
  #running = false;
  #closed = false;
  #retry = new AbortController();
  readonly #unsubscribe: () => void;

  /** `send` resolves with the last sequence number the centre has committed. */
  constructor(options: { outbox: Outbox; send: (batch: ReportBatch) => Promise<number>; clock: Clock; log: Log }) {
    this.#outbox = options.outbox;
    this.#send = options.send;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#unsubscribe = options.outbox.onAppend(() => this.#pump());
  }

  /** The link came up or was lost. */
  linked(up: boolean): void {
    this.#linked = up;
    this.#retry.abort();
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    this.#retry.abort();
  }

  #pump(): void {
    if (this.#running || !this.#linked || this.#closed) return;
    this.#running = true;
    void this.#drain().finally(() => {
      this.#running = false;
      // What arrived between the last look and now.
      if (this.#outbox.length > 0 && this.#linked && !this.#closed) this.#pump();
    });
  }

  async #drain(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    await this.#clock.sleep(GATHER_MS);
    while (this.#linked && !this.#closed) {
      const items = await this.#outbox.take();
      if (items.length === 0) return;
      try {
        const ackedSeq = await this.#send({ ledgerId: this.#outbox.ledgerId, items: [...items] });
        if (this.#closed) return;
        this.#outbox.ack(ackedSeq);
        retryMs = FIRST_RETRY_MS;
        // A centre that acknowledges without taking anything must not be asked in a circle.
        const first = items[0]?.seq ?? 0;
        if (ackedSeq < first) await this.#pause(LAST_RETRY_MS);
      } catch (thrown) {
        if (!this.#linked || this.#closed) return;
        this.#log.warn("reports not taken; they are sent again", { waiting: this.#outbox.length, ...describeError(thrown) });
        await this.#pause(retryMs);
        retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#retry.signal.aborted) this.#retry = new AbortController();
    await this.#clock.sleep(ms, this.#retry.signal);
  }
}
