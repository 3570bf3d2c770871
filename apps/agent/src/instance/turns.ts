import { AppError, toAppError } from "@indium/contract/errors";
import type { InstanceRecord } from "../ledger/format";
import { describeError } from "../system/log";
import { CRASH_DELAYS_MS, recentCrashes } from "./crash-back-off";
import { type Decision, decide } from "./decide";
import { deleteInstance } from "./delete";
import { growDisk, noteDisk, removeLeftOvers } from "./disk";
import type { GuestWatch } from "./guest-watch";
import type { HangWatch } from "./hang-watch";
import type { InstancePorts } from "./ports";
import { carryOutPower, endVm, type PowerParts, stopVm } from "./power";
import { connect, makeDisk, prepare, serveMetadata } from "./provision";
import type { Publisher } from "./publisher";
import type { Timeline } from "./timeline";
import type { VmTracker } from "./vm-tracker";

/** After an error that no newer wish clears (a stop, a deletion, a wiring), the next try. */
export const RETRY_MS = 10_000;

/** Look again at once, or sleep until woken or until this moment (ms since the epoch). */
export type Turn = { readonly again: true } | { readonly again: false; readonly untilMs: number | null };
const AGAIN: Turn = { again: true };
const REST: Turn = { again: false, untilMs: null };

export interface TurnParts {
  readonly ports: InstancePorts;
  readonly record: InstanceRecord;
  readonly publisher: Publisher;
  readonly timeline: Timeline;
  readonly guest: GuestWatch;
  readonly hang: HangWatch;
  readonly vm: VmTracker;
  onGone(): void;
}

/**
 * The driver's single turns: look, decide, carry out one step. What must not happen twice (a power request) or be forgotten
 * (the guest's own power-off) is on disk before it is acted on; nothing is concluded from what a step meant to do.
 */
export class Turns {
  readonly #parts: TurnParts;
  readonly #ports: InstancePorts;
  readonly #record: InstanceRecord;
  readonly #publisher: Publisher;
  readonly #timeline: Timeline;
  readonly #guest: GuestWatch;
  readonly #hang: HangWatch;
  readonly #vm: VmTracker;
  /** Content whose NICs and metadata are up with the VM that runs; null after the agent's start. */
  #wiredFor: string | null = null;
  #crashError: AppError | null = null;
  #lastPlan: { readonly at: number; readonly what: string } | null = null;

  constructor(parts: TurnParts) {
    this.#parts = parts;
    this.#ports = parts.ports;
    this.#record = parts.record;
    this.#publisher = parts.publisher;
    this.#timeline = parts.timeline;
    this.#guest = parts.guest;
    this.#hang = parts.hang;
    this.#vm = parts.vm;
  }

  /** A newer wish: what crashed was of the old one. */
  forgive(): void {
    this.#crashError = null;
  }

  /** What was decided last, and when: for `doctor`. */
  get lastPlan(): { readonly at: number; readonly what: string } | null {
    return this.#lastPlan;
  }

  async take(signal: AbortSignal): Promise<Turn> {
    const decision = decide(this.#record, await this.#vm.look(), this.#ports.clock.now());
    this.#lastPlan = { at: this.#ports.clock.now(), what: "why" in decision ? `${decision.do} (${decision.why})` : decision.do };
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
      case "renewDisk":
        return this.#renewDisk(signal);
      case "delete":
        this.#publisher.publish({ state: "deleting" });
        await endVm(this.#powerParts);
        await deleteInstance(this.#ports, this.#record);
        this.#wiredFor = null;
        this.#record.gone = true;
        return AGAIN;
    }
  }

  async #rest(state: Extract<Decision, { do: "rest" }>["state"]): Promise<Turn> {
    const record = this.#record;
    const alive = state === "running" || state === "paused";
    if (alive && this.#wiredFor === null) {
      record.runningGuestUuid ??= record.desired.guestUuid;
      this.#guest.resume();
      this.#hang.resume();
    }
    if (alive && this.#wiredFor !== record.contentHash) {
      // Adopted, or changed while it runs: the NICs' sockets and what the metadata service answers.
      const wanted = record.contentHash;
      try {
        await connect(this.#ports, record);
      } catch (thrown) {
        return this.#runsUnwired(state, thrown);
      }
      this.#wiredFor = wanted;
      if (wanted !== record.contentHash) return AGAIN;
    }
    if (alive && record.powerPressedUntil !== null && this.#ports.clock.now() > record.powerPressedUntil) record.powerPressedUntil = null;
    const applied = record.appliedGeneration !== record.desired.generation;
    if (state === "stopped" && applied) await this.#growStopped();
    // Of an agent that did not keep it. Only told, so no reason to fail.
    else if (alive && record.diskSizeBytes === null) await noteDisk(this.#ports, record).catch(() => null);
    await removeLeftOvers(this.#ports, record);
    record.appliedGeneration = record.desired.generation;
    // On disk before it is told: the centre takes back intents by this number.
    if (applied) await this.#save();
    this.#publisher.publish({
      state,
      startedAt: alive ? this.#vm.startedAt : null,
      error: state === "failed" ? (record.failure?.error ?? null) : null,
    });
    if (state === "gone") this.#parts.onGone();
    return REST;
  }

  /** The instance stays as it is when its disk cannot grow; the centre, told so, takes its wish back. */
  async #growStopped(): Promise<void> {
    try {
      await growDisk(this.#ports, this.#record);
    } catch (thrown) {
      this.#ports.log.error("disk not grown", { instance: this.#record.desired.id, ...describeError(thrown) });
      this.#record.denial = toAppError(thrown, `The disk of ${this.#name} could not be grown on host ${this.#ports.hostname}.`).toWire();
    }
  }

  async #renewDisk(signal: AbortSignal): Promise<Turn> {
    const record = this.#record;
    const wanted = record.desired.rootVolume.id;
    record.volumes = [...new Set([...record.volumes, wanted])];
    await this.#save();
    const vm = await this.#vm.look();
    const state = vm.state === "running" || vm.state === "paused" ? vm.state : "preparing";
    const waiting = { message: "The new disk is being made; the old system runs until it is there.", untilMs: null };
    this.#publisher.publish({ state, startedAt: this.#vm.startedAt, waiting: state === "preparing" ? null : waiting });
    let made: Awaited<ReturnType<typeof makeDisk>>;
    try {
      made = await makeDisk(this.#ports, record, this.#timeline, record.boot + 1, signal);
    } catch (thrown) {
      if (signal.aborted) return AGAIN;
      this.#ports.log.error("rebuild failed", { instance: record.desired.id, ...describeError(thrown) });
      return this.#fail(toAppError(thrown, `The new disk of ${this.#name} could not be made on host ${this.#ports.hostname}.`));
    }
    if (signal.aborted) return AGAIN;
    await endVm(this.#powerParts);
    // The firmware's variables, the TPM's state and the serial log are the old system's.
    await this.#ports.hypervisor.purge(record.desired.id);
    if (record.desired.rootVolume.id !== wanted) return AGAIN;
    record.diskVolumeId = wanted;
    record.diskSizeBytes = made.sizeBytes;
    record.diskImageSha256 = made.imageSha256;
    record.crashes = [];
    record.findings = [];
    record.screen = null;
    record.serialFrom = 0;
    // The old disk goes only when this is on disk.
    await this.#save();
    return AGAIN;
  }

  /** The VM runs all the same: said with the error, and tried again. */
  #runsUnwired(state: "running" | "paused", thrown: unknown): Turn {
    this.#ports.log.error("NICs not set up again", { instance: this.#record.desired.id, ...describeError(thrown) });
    const error = toAppError(thrown, `The network of ${this.#name} could not be set up on host ${this.#ports.hostname}.`);
    this.#publisher.publish({ state, startedAt: this.#vm.startedAt, error: error.toWire() });
    return { again: false, untilMs: this.#ports.clock.now() + RETRY_MS };
  }

  async #start(signal: AbortSignal): Promise<Turn> {
    const { record, timeline } = { record: this.#record, timeline: this.#timeline };
    record.boot += 1;
    record.volumes = [...new Set([...record.volumes, record.desired.rootVolume.id])];
    record.nics = [...new Set([...record.nics, ...record.desired.nics.map((nic) => nic.id)])];
    const before = this.#publisher.state === "rebooting" ? "rebooting" : "preparing";
    this.#publisher.publish({ state: before });
    // What is about to be made is on disk first, so that a deletion after a crash finds it.
    await this.#save();
    const wanted = record.contentHash;
    // In the same breath as the spec that the process is started from.
    record.runningGuestUuid = record.desired.guestUuid;
    try {
      const spec = await prepare(this.#ports, record, timeline, signal);
      if (before !== "rebooting") this.#publisher.publish({ state: "starting" });
      this.#guest.begin();
      await this.#hang.begin();
      await timeline.step(record.boot, "start", signal, () => this.#vm.start(spec));
    } catch (thrown) {
      if (signal.aborted) return AGAIN;
      await endVm(this.#powerParts).catch((error: unknown) => this.#ports.log.warn("cleaning up failed", describeError(error)));
      const error = toAppError(
        thrown,
        `${this.#name} could not be started on host ${this.#ports.hostname}. The agent's log there says why.`,
      );
      this.#ports.log.error("start failed", { instance: this.#record.desired.id, ...describeError(thrown) });
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
      this.#ports.log.error("power request failed", { instance: this.#record.desired.id, ...describeError(thrown) });
    }
    return AGAIN;
  }

  async #discard(why: Extract<Decision, { do: "discard" }>["why"]): Promise<Turn> {
    const record = this.#record;
    switch (why) {
      case "crashed": {
        await this.#hang.ended("crashed");
        const words = this.#vm.lastWords;
        const error = new AppError("hypervisor_failed", `${this.#name} ended by itself on host ${this.#ports.hostname}.`, {
          detail: words ?? "It left no words.",
        });
        this.#ports.log.warn("VM ended by itself", { instance: this.#record.desired.id, words: words?.slice(-500) ?? null });
        await endVm(this.#powerParts);
        return this.#countCrash(error);
      }
      case "guestPoweredOff":
        await this.#hang.ended("guest_stopped");
        record.poweredOffGeneration = record.desired.generation;
        await this.#save();
        break;
      case "stopped":
      case "restarting":
        break;
    }
    await endVm(this.#powerParts);
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
  stumble(thrown: unknown, signal: AbortSignal): Turn {
    if (signal.aborted) return AGAIN;
    this.#ports.log.error("step failed", { instance: this.#record.desired.id, state: this.#publisher.state, ...describeError(thrown) });
    const error = toAppError(
      thrown,
      `Changing ${this.#name} failed on host ${this.#ports.hostname}. It is tried again; the agent's log says why.`,
    );
    const untilMs = this.#ports.clock.now() + RETRY_MS;
    // Not looked at since the agent's start: nothing can be said of a VM that may well run.
    if (this.#publisher.state === "absent" && this.#record.boot > 0) return { again: false, untilMs };
    this.#publisher.publish({
      state: this.#publisher.state,
      startedAt: this.#vm.startedAt,
      error: error.toWire(),
      waiting: { message: "It failed and is tried again.", untilMs: null },
    });
    return { again: false, untilMs };
  }

  onReset(byGuest: boolean): void {
    const record = this.#record;
    // Firmware resets the machine before any guest has run (OVMF does at a first boot): that is no new boot.
    if (byGuest && record.awaiting.metadataSince !== null) return;
    record.boot += 1;
    this.#guest.end();
    this.#guest.begin();
    this.#hang.rebooted();
    this.#timeline.say(record.boot, "start", "succeeded", this.#ports.clock.now());
    this.#saveSoon();
  }

  serveMetadata(): void {
    try {
      serveMetadata(this.#ports, this.#record);
    } catch (thrown) {
      this.#ports.log.error("metadata not renewed", { instance: this.#record.desired.id, ...describeError(thrown) });
    }
  }

  get #powerParts(): PowerParts {
    return { ports: this.#ports, record: this.#record, vm: this.#vm, publisher: this.#publisher, guest: this.#guest, hang: this.#hang };
  }

  get #name(): string {
    return this.#record.desired.name;
  }

  #save(): Promise<void> {
    return this.#ports.ledger.saveRecord(this.#record);
  }

  #saveSoon(): void {
    this.#save().catch((error: unknown) =>
      this.#ports.log.error("record not saved", { instance: this.#record.desired.id, ...describeError(error) }),
    );
  }
}
