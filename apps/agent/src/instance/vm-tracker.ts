import { AppError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import type { Hypervisor, VmEvent, VmHandle, VmSpec } from "../drivers/types";
import type { Clock } from "../system/clock";
import type { VmObservation } from "./decide";

export type GuestReset = { readonly byGuest: boolean };

/**
 * One VM's process as its driver sees it. Truth comes from the process: every look asks the monitor, and a handle that does
 * not answer is dropped and looked for again. Only an end that was seen happening is remembered here, with its last words.
 */
export class VmTracker {
  readonly #hypervisor: Hypervisor;
  readonly #id: InstanceId;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #onReset: (reset: GuestReset) => void;
  readonly #onPanic: () => void;
  #handle: VmHandle | null = null;
  #unsubscribe: (() => void) | null = null;
  #shutdownAt: number | null = null;
  #ended: { readonly lastWords: string | null } | null = null;
  #killing = false;
  #news = new AbortController();

  constructor(
    hypervisor: Hypervisor,
    id: InstanceId,
    clock: Clock,
    on: { change: () => void; reset: (reset: GuestReset) => void; panic: () => void },
  ) {
    this.#hypervisor = hypervisor;
    this.#id = id;
    this.#clock = clock;
    this.#onChange = on.change;
    this.#onReset = on.reset;
    this.#onPanic = on.panic;
  }

  get handle(): VmHandle | null {
    return this.#handle;
  }

  get startedAt(): number | null {
    return this.#handle?.startedAt ?? null;
  }

  /** What the process said when it ended by itself. */
  get lastWords(): string | null {
    return this.#ended?.lastWords ?? null;
  }

  async look(): Promise<VmObservation> {
    if (this.#handle === null && this.#ended === null) {
      const found = await this.#hypervisor.find(this.#id);
      if (found !== null) this.#hold(found);
    }
    if (this.#handle !== null) {
      try {
        return { state: await this.#handle.state(), shutdownAt: this.#shutdownAt };
      } catch {
        // The monitor is gone: the process may have ended with its event still on the way, or only the connection is lost.
        const shutdownAt = this.#shutdownAt;
        this.release();
        const found = await this.#hypervisor.find(this.#id);
        if (found !== null) {
          this.#hold(found);
          this.#shutdownAt = shutdownAt;
          return { state: await found.state(), shutdownAt };
        }
        this.#ended ??= { lastWords: null };
        this.#shutdownAt = shutdownAt;
      }
    }
    if (this.#ended === null) return { state: "none", shutdownAt: null };
    return { state: this.#shutdownAt === null ? "crashed" : "shutdown", shutdownAt: this.#shutdownAt };
  }

  /**
   * A VM that came up between the look and the start is taken as started: a killed agent had begun that, and its child went on.
   * @throws AppError `hypervisor_failed`.
   */
  async start(spec: VmSpec): Promise<void> {
    try {
      this.#hold(await this.#hypervisor.start(spec));
    } catch (thrown) {
      const found = thrown instanceof AppError && thrown.code === "conflict" ? await this.#hypervisor.find(this.#id) : null;
      if (found === null) throw thrown;
      this.#hold(found);
    }
  }

  /** Ends the process, whatever it is doing, and removes what it leaves behind. Idempotent. */
  async discard(): Promise<void> {
    this.#killing = true;
    try {
      const handle = this.#handle ?? (this.#ended === null ? await this.#hypervisor.find(this.#id) : null);
      if (handle !== null) await handle.kill();
      await this.#hypervisor.clean(this.#id);
      this.release();
      this.#ended = null;
    } finally {
      this.#killing = false;
    }
  }

  /** Lets go of the monitor; the VM is not touched. */
  release(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    this.#handle?.release();
    this.#handle = null;
    this.#shutdownAt = null;
  }

  /** Aborted at the next event of the VM. Taken before a look, so that nothing between the look and the wait is missed. */
  get news(): AbortSignal {
    return this.#news.signal;
  }

  #hold(handle: VmHandle): void {
    this.#unsubscribe?.();
    this.#handle = handle;
    this.#ended = null;
    this.#shutdownAt = null;
    this.#unsubscribe = handle.onEvent((event) => this.#hear(event));
  }

  #hear(event: VmEvent): void {
    switch (event.kind) {
      case "guestShutdown":
        this.#shutdownAt ??= this.#clock.now();
        break;
      case "reset":
        this.#onReset({ byGuest: event.byGuest });
        break;
      case "panicked":
        this.#onPanic();
        break;
      case "exited": {
        if (this.#killing) break;
        const shutdownAt = this.#shutdownAt;
        this.release();
        this.#shutdownAt = shutdownAt;
        this.#ended = { lastWords: event.lastWords };
        break;
      }
      case "state":
        break;
    }
    const news = this.#news;
    this.#news = new AbortController();
    news.abort();
    this.#onChange();
  }
}
