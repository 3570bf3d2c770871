import { AppError, type WireError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import type { DesiredInstance } from "@indium/contract/instance";
import type { VmHandle } from "../drivers/types";
import { acceptInstance, judgeInstance } from "../ledger/acceptance";
import type { InstanceRecord } from "../ledger/format";
import type { GuestEvent } from "../metadata/types";
import { describeError } from "../system/log";
import { GuestWatch } from "./guest-watch";
import { HangWatch } from "./hang-watch";
import type { InstancePorts } from "./ports";
import { Publisher } from "./publisher";
import { SecretSeal } from "./secret-seal";
import { Timeline } from "./timeline";
import { RETRY_MS, type Turn, Turns } from "./turns";
import { VmTracker } from "./vm-tracker";

/**
 * The driver of one VM: the only one that acts on it and the only writer of its record.
 *
 *   submit(wish) ──▶ denied (older, or the same with other content) | ignored (already so) | enqueued
 *                                                                                             │
 *          ┌──────────────── woken by a wish, an event of the VM, the sweep ◀─────────────────┘
 *          ▼
 *   look (process, ledger) ──▶ decide ──▶ rest (applied, published) ──▶ sleep
 *          ▲                      │
 *          └──── one step ◀───────┘   a newer wish that matters cancels the step under way
 *
 * Invariants
 * - One step at a time; after each the process is looked at again. Nothing is concluded from what a step meant to do.
 * - What must not happen twice (a power request) or be forgotten (the guest's own power-off) is on disk before it is acted on.
 * - An error ends in the observation, never outside this driver.
 */
export type Submission =
  | { readonly verdict: "enqueued" }
  | { readonly verdict: "ignored"; readonly reason: string }
  | { readonly verdict: "denied"; readonly error: AppError };

/** Steps in a row without rest after which the driver draws breath: no fault may spin it. */
const STEPS_BEFORE_BREATH = 20;

export class InstanceDriver {
  readonly #ports: InstancePorts;
  readonly #record: InstanceRecord;
  readonly #publisher: Publisher;
  readonly #guest: GuestWatch;
  readonly #hang: HangWatch;
  readonly #vm: VmTracker;
  readonly #turns: Turns;
  #step = new AbortController();
  #waker = new AbortController();
  #closed = false;
  #loop: Promise<void> | null = null;

  constructor(ports: InstancePorts, record: InstanceRecord, onGone: () => void = () => {}) {
    this.#ports = ports;
    this.#record = record;
    this.#publisher = new Publisher(
      record,
      ports.report,
      () => this.#saveSoon(),
      (nicId) => ports.networks.learnedAddress(nicId),
    );
    const timeline = new Timeline(record.desired.id, ports.report, ports.clock);
    const seal = new SecretSeal(ports, record, () => {
      this.#turns.serveMetadata();
      this.#publisher.refresh();
    });
    this.#hang = new HangWatch(
      ports,
      record,
      () => this.#vm.handle,
      () => {
        this.#publisher.refresh();
        this.#saveSoon();
      },
      (sign) => this.#guest.onSerial(sign),
    );
    this.#guest = new GuestWatch(ports, record, timeline, seal, {
      healthy: () => this.#hang.healthy(),
      readSerial: () => this.#hang.catchUp(),
    });
    this.#vm = new VmTracker(ports.hypervisor, record.desired.id, ports.clock, {
      change: () => this.wake(),
      reset: (reset) => this.#turns.onReset(reset.byGuest),
      panic: () => void this.#hang.panicked(),
    });
    this.#turns = new Turns({
      ports,
      record,
      publisher: this.#publisher,
      timeline,
      guest: this.#guest,
      hang: this.#hang,
      vm: this.#vm,
      onGone,
    });
  }

  get id(): InstanceId {
    return this.#record.desired.id;
  }

  get record(): Readonly<InstanceRecord> {
    return this.#record;
  }

  get state(): Publisher["state"] {
    return this.#publisher.state;
  }

  /** What is published of what went wrong. */
  get error(): WireError | null {
    return this.#publisher.error;
  }

  get lastPlan(): Turns["lastPlan"] {
    return this.#turns.lastPlan;
  }

  /** The running VM's handle, for its console and its usage; null when there is none. */
  get vmHandle(): VmHandle | null {
    return this.#vm.handle;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  submit(desired: DesiredInstance, centreEpoch: number): Submission {
    const judged = judgeInstance(this.#record, desired, centreEpoch);
    switch (judged.verdict) {
      case "refuse":
        return { verdict: "denied", error: judged.error };
      case "unchanged":
        return { verdict: "ignored", reason: `Generation ${desired.generation} of ${desired.name} is already accepted.` };
      case "accept": {
        const before = this.#record.desired;
        acceptInstance(this.#record, desired, centreEpoch);
        this.#turns.forgive();
        this.#saveSoon();
        // At the guest's very next request, whatever step is under way.
        if (desired.desired !== "gone") this.#turns.serveMetadata();
        if (changesCourse(before, desired)) this.#step.abort(new AppError("conflict", "Cancelled by a newer request."));
        this.wake();
        return { verdict: "enqueued" };
      }
    }
  }

  wake(): void {
    this.#waker.abort();
  }

  onGuestEvent(event: GuestEvent): void {
    this.#guest.onEvent(event);
  }

  /** A NIC was given an address by its LAN, or lost it. */
  onAddressLearned(): void {
    this.#publisher.refresh();
  }

  /** For a centre that has lost what it was told. */
  repeat(): void {
    this.#publisher.repeat();
  }

  /** Lets go of the VM, which runs on. Resolves when no step is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#step.abort(new AppError("internal", "The agent is ending."));
    this.wake();
    await this.#loop;
    this.#guest.release();
    this.#hang.release();
    this.#vm.release();
  }

  async #run(): Promise<void> {
    let steps = 0;
    while (!this.#closed) {
      if (this.#waker.signal.aborted) this.#waker = new AbortController();
      if (this.#step.signal.aborted) this.#step = new AbortController();
      const { signal } = this.#step;
      const turn = await this.#turns.take(signal).catch((thrown: unknown): Turn => this.#turns.stumble(thrown, signal));
      if (this.#closed) return;
      steps = turn.again ? steps + 1 : 0;
      if (turn.again && steps < STEPS_BEFORE_BREATH) continue;
      // Not woken by the VM's events: a step may cause them itself.
      if (turn.again) await this.#ports.clock.sleep(RETRY_MS, this.#step.signal);
      else await this.#sleep(turn.untilMs);
      steps = 0;
    }
  }

  async #sleep(untilMs: number | null): Promise<void> {
    const { clock } = this.#ports;
    const signal = this.#waker.signal;
    if (untilMs !== null) await clock.sleep(Math.max(0, untilMs - clock.now()), signal);
    else if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  #saveSoon(): void {
    this.#ports.ledger
      .saveRecord(this.#record)
      .catch((error: unknown) => this.#ports.log.error("record not saved", { instance: this.id, ...describeError(error) }));
  }
}

/** Whether a newer wish makes the step under way pointless; a renamed instance does not stop its image's download. */
function changesCourse(before: DesiredInstance, after: DesiredInstance): boolean {
  return (
    before.desired !== after.desired ||
    before.stopGraceMs !== after.stopGraceMs ||
    before.guestUuid !== after.guestUuid ||
    before.rootVolume.id !== after.rootVolume.id ||
    (after.power !== null && before.power?.requestId !== after.power.requestId)
  );
}
