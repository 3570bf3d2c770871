import { AppError, toAppError } from "@indium/contract/errors";
import type { InstanceId } from "@indium/contract/ids";
import type { DesiredInstance } from "@indium/contract/instance";
import type { VmHandle } from "../drivers/types";
import { acceptInstance, judgeInstance } from "../ledger/acceptance";
import type { InstanceRecord } from "../ledger/format";
import type { GuestEvent } from "../metadata/types";
import { describeError } from "../system/log";
import { CRASH_DELAYS_MS, recentCrashes } from "./crash-back-off";
import { type Decision, decide } from "./decide";
import { deleteInstance } from "./delete";
import { GuestWatch } from "./guest-watch";
import type { InstancePorts } from "./ports";
import { carryOutPower, endVm, type PowerParts, stopVm } from "./power";
import { connect, prepare, serveMetadata } from "./provision";
import { Publisher } from "./publisher";
import { Timeline } from "./timeline";
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

/** After an error that no newer wish clears (a stop, a deletion, a wiring), the next try. */
const RETRY_MS = 10_000;
/** Steps in a row without rest after which the driver draws breath: no fault may spin it. */
const STEPS_BEFORE_BREATH = 20;

type Turn = { readonly again: true } | { readonly again: false; readonly untilMs: number | null };
const AGAIN: Turn = { again: true };
const REST: Turn = { again: false, untilMs: null };

export class InstanceDriver {
  readonly #ports: InstancePorts;
  readonly #record: InstanceRecord;
  readonly #publisher: Publisher;
  readonly #timeline: Timeline;
  readonly #guest: GuestWatch;
  readonly #vm: VmTracker;
  readonly #onGone: () => void;
  #step = new AbortController();
  #waker = new AbortController();
  #closed = false;
  #wiredFor: string | null = null;
  #crashError: AppError | null = null;
  #loop: Promise<void> | null = null;

  constructor(ports: InstancePorts, record: InstanceRecord, onGone: () => void = () => {}) {
    this.#ports = ports;
    this.#record = record;
    this.#onGone = onGone;
    this.#publisher = new Publisher(record, ports.report, () => this.#saveSoon());
    this.#timeline = new Timeline(record.desired.id, ports.report, ports.clock);
    this.#guest = new GuestWatch(ports, record, this.#timeline, () => this.#serveMetadata());
    this.#vm = new VmTracker(ports.hypervisor, record.desired.id, ports.clock, {
      change: () => this.wake(),
      reset: (reset) => this.#onReset(reset.byGuest),
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
        this.#crashError = null;
        this.#saveSoon();
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
    this.#vm.release();
  }

  async #run(): Promise<void> {
    let steps = 0;
    while (!this.#closed) {
      if (this.#waker.signal.aborted) this.#waker = new AbortController();
      if (this.#step.signal.aborted) this.#step = new AbortController();
      const turn = await this.#turn(this.#step.signal).catch((thrown: unknown): Turn => this.#stumble(thrown));
      if (this.#closed) return;
      steps = turn.again ? steps + 1 : 0;
      if (turn.again && steps < STEPS_BEFORE_BREATH) continue;
      const untilMs = turn.again ? this.#ports.clock.now() + RETRY_MS : turn.untilMs;
      await this.#sleep(untilMs);
    }
  }

  async #turn(signal: AbortSignal): Promise<Turn> {
    const decision = decide(this.#record, await this.#vm.look(), this.#ports.clock.now());
    switch (decision.do) {
      case "rest":
        return this.#rest(decision.state);
      case "wait":
        this.#publisher.publish({
          state: "crashed",
          error: this.#crashError?.toWire() ?? null,
          waiting: {
            message: `The VM ended by itself. It is started again (try ${decision.tries} of ${CRASH_DELAYS_MS.length}).`,
            untilMs: decision.untilMs,
          },
        });
        return { again: false, untilMs: decision.untilMs };
      case "giveUp":
        return this.#fail(
          new AppError(
            "hypervisor_failed",
            `${this.#name} ended by itself ${CRASH_DELAYS_MS.length + 1} times in ten minutes on host ${this.#ports.hostname}. Its last words say why; start it to try again.`,
            { detail: this.#crashError?.detail ?? "It left no words." },
          ),
        );
      case "start":
        return this.#start(signal);
      case "stop":
        await stopVm(this.#powerParts, signal);
        return AGAIN;
      case "pause":
        await this.#vm.handle?.pause();
        return AGAIN;
      case "resume":
        await this.#vm.handle?.resume();
        return AGAIN;
      case "power":
        return this.#power(decision, signal);
      case "denyPower":
        this.#record.lastRequestId = decision.request.requestId;
        this.#record.denial = decision.error;
        await this.#save();
        this.#publisher.refresh();
        return AGAIN;
      case "discard":
        return this.#discard(decision.why);
      case "delete":
        this.#publisher.publish({ state: "deleting" });
        await endVm({ vm: this.#vm, guest: this.#guest });
        await deleteInstance(this.#ports, this.#record);
        this.#wiredFor = null;
        this.#record.gone = true;
        return AGAIN;
    }
  }

  async #rest(state: Extract<Decision, { do: "rest" }>["state"]): Promise<Turn> {
    const record = this.#record;
    const alive = state === "running" || state === "paused";
    if (alive && this.#wiredFor !== record.contentHash) {
      // Adopted, or changed while it runs: the NICs' sockets and what the metadata service answers.
      const wanted = record.contentHash;
      await connect(this.#ports, record);
      if (this.#wiredFor === null) this.#guest.resume();
      this.#wiredFor = wanted;
      if (wanted !== record.contentHash) return AGAIN;
    }
    if (alive && record.powerPressedUntil !== null && this.#ports.clock.now() > record.powerPressedUntil) record.powerPressedUntil = null;
    const applied = record.appliedGeneration !== record.desired.generation;
    record.appliedGeneration = record.desired.generation;
    // On disk before it is told: the centre takes back intents by this number.
    if (applied) await this.#save();
    this.#publisher.publish({
      state,
      startedAt: alive ? this.#vm.startedAt : null,
      error: state === "failed" ? (record.failure?.error ?? null) : null,
    });
    if (state === "gone") this.#onGone();
    return REST;
  }

  async #start(signal: AbortSignal): Promise<Turn> {
    const { record, timeline } = { record: this.#record, timeline: this.#timeline };
    record.boot += 1;
    record.volumes = union(record.volumes, [record.desired.rootVolume.id]);
    record.nics = union(
      record.nics,
      record.desired.nics.map((nic) => nic.id),
    );
    const before = this.#publisher.state === "rebooting" ? "rebooting" : "preparing";
    this.#publisher.publish({ state: before });
    // What is about to be made is on disk first, so that a deletion after a crash finds it.
    await this.#save();
    const wanted = record.contentHash;
    try {
      const spec = await prepare(this.#ports, record, timeline, signal);
      if (before !== "rebooting") this.#publisher.publish({ state: "starting" });
      this.#guest.begin();
      await timeline.step(record.boot, "start", signal, () => this.#vm.start(spec));
    } catch (thrown) {
      if (signal.aborted) return AGAIN;
      await endVm({ vm: this.#vm, guest: this.#guest }).catch((error: unknown) =>
        this.#ports.log.warn("cleaning up failed", describeError(error)),
      );
      const error = toAppError(
        thrown,
        `${this.#name} could not be started on host ${this.#ports.hostname}. The agent's log there says why.`,
      );
      this.#ports.log.error("start failed", { instance: this.id, ...describeError(thrown) });
      // What ran before under this wish (a host that boots, a crash) deserves more than one try.
      if (record.startedGeneration === record.desired.generation) return this.#countCrash(error);
      return this.#fail(error);
    }
    this.#wiredFor = wanted;
    record.startedGeneration = record.desired.generation;
    record.powerPressedUntil = null;
    record.poweredOffGeneration = null;
    this.#saveSoon();
    return AGAIN;
  }

  async #power(decision: Extract<Decision, { do: "power" }>, signal: AbortSignal): Promise<Turn> {
    try {
      await carryOutPower(this.#powerParts, decision.request, signal);
    } catch (thrown) {
      // Never tried again by itself: the record says that it has been done.
      this.#record.denial = toAppError(thrown, `The ${decision.request.kind} of ${this.#name} failed. Ask again.`).toWire();
      this.#ports.log.error("power request failed", { instance: this.id, ...describeError(thrown) });
    }
    return AGAIN;
  }

  async #discard(why: Extract<Decision, { do: "discard" }>["why"]): Promise<Turn> {
    const record = this.#record;
    switch (why) {
      case "crashed": {
        const words = this.#vm.lastWords;
        const error = new AppError("hypervisor_failed", `${this.#name} ended by itself on host ${this.#ports.hostname}.`, {
          detail: words ?? "It left no words.",
        });
        this.#ports.log.warn("VM ended by itself", { instance: this.id, words: words?.slice(-500) ?? null });
        await endVm({ vm: this.#vm, guest: this.#guest });
        return this.#countCrash(error);
      }
      case "guestPoweredOff":
        record.poweredOffGeneration = record.desired.generation;
        await this.#save();
        break;
      case "stopped":
      case "restarting":
        break;
    }
    await endVm({ vm: this.#vm, guest: this.#guest });
    return AGAIN;
  }

  async #countCrash(error: AppError): Promise<Turn> {
    const now = this.#ports.clock.now();
    this.#crashError = error;
    this.#record.crashes = [...recentCrashes(this.#record.crashes, now), now];
    await this.#save();
    return AGAIN;
  }

  async #fail(error: AppError): Promise<Turn> {
    this.#record.failure = { generation: this.#record.desired.generation, error: error.toWire() };
    await this.#save();
    return AGAIN;
  }

  /** A step other than a start went wrong: said, and tried again later or at the next wish. */
  #stumble(thrown: unknown): Turn {
    if (this.#step.signal.aborted) return AGAIN;
    this.#ports.log.error("step failed", { instance: this.id, state: this.#publisher.state, ...describeError(thrown) });
    const error = toAppError(
      thrown,
      `Changing ${this.#name} failed on host ${this.#ports.hostname}. It is tried again; the agent's log says why.`,
    );
    const untilMs = this.#ports.clock.now() + RETRY_MS;
    this.#publisher.publish({
      state: this.#publisher.state,
      startedAt: this.#vm.startedAt,
      error: error.toWire(),
      waiting: { message: "It failed and is tried again.", untilMs: null },
    });
    return { again: false, untilMs };
  }

  #onReset(byGuest: boolean): void {
    const record = this.#record;
    // Firmware resets the machine before any guest has run (OVMF does at a first boot): that is no new boot.
    if (byGuest && record.awaiting.metadataSince !== null) return;
    record.boot += 1;
    this.#guest.end();
    this.#guest.begin();
    this.#timeline.say(record.boot, "start", "succeeded", this.#ports.clock.now());
    this.#saveSoon();
  }

  #serveMetadata(): void {
    try {
      serveMetadata(this.#ports, this.#record);
    } catch (thrown) {
      this.#ports.log.error("metadata not renewed", { instance: this.id, ...describeError(thrown) });
    }
  }

  async #sleep(untilMs: number | null): Promise<void> {
    const { clock } = this.#ports;
    const signal = this.#waker.signal;
    if (untilMs !== null) await clock.sleep(Math.max(0, untilMs - clock.now()), signal);
    else if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  get #powerParts(): PowerParts {
    return { ports: this.#ports, record: this.#record, vm: this.#vm, publisher: this.#publisher, guest: this.#guest };
  }

  get #name(): string {
    return this.#record.desired.name;
  }

  #save(): Promise<void> {
    return this.#ports.ledger.saveRecord(this.#record);
  }

  #saveSoon(): void {
    this.#save().catch((error: unknown) => this.#ports.log.error("record not saved", { instance: this.id, ...describeError(error) }));
  }
}

/** Whether a newer wish makes the step under way pointless; a renamed instance does not stop its image's download. */
function changesCourse(before: DesiredInstance, after: DesiredInstance): boolean {
  return (
    before.desired !== after.desired ||
    before.stopGraceMs !== after.stopGraceMs ||
    before.rootVolume.id !== after.rootVolume.id ||
    (after.power !== null && before.power?.requestId !== after.power.requestId)
  );
}

function union<T>(left: readonly T[], right: readonly T[]): T[] {
  return [...new Set([...left, ...right])];
}
