import { type InstanceRecord, NOTHING_AWAITED } from "../ledger/format";
import type { GuestEvent } from "../metadata/types";
import { GuestStages } from "./guest-stages";
import type { SerialSign } from "./hang-watch";
import type { InstancePorts } from "./ports";
import type { SecretSeal } from "./secret-seal";
import type { Timeline } from "./timeline";

const SSH_INTERVAL_MS = 1_000;
const SSH_PROBE_MS = 1_000;
/** Under emulation a first boot takes minutes. Afterwards the step says what to look at. */
const SSH_LIMIT_MS = 15 * 60_000;
/**
 * What the guest tells of its own boot: kernel and login prompt on its serial port, metadata fetched, cloud-init's stages, SSH answering. It only reports, and tells the seal
 * when the boot is through; it never changes the VM.
 */
export class GuestWatch {
  readonly #ports: InstancePorts;
  readonly #record: InstanceRecord;
  readonly #timeline: Timeline;
  readonly #seal: SecretSeal;
  readonly #onHealthy: () => void;
  readonly #stages: GuestStages;
  #ssh: AbortController | null = null;

  constructor(
    ports: InstancePorts,
    record: InstanceRecord,
    timeline: Timeline,
    seal: SecretSeal,
    told: { healthy: () => void; readSerial: () => Promise<void> },
  ) {
    this.#ports = ports;
    this.#record = record;
    this.#timeline = timeline;
    this.#seal = seal;
    this.#onHealthy = told.healthy;
    this.#stages = new GuestStages(ports, record, timeline, told.readSerial);
  }

  /** A guest begins to boot: by a start of QEMU, a reset, or its own reboot. */
  begin(): void {
    this.#stop();
    this.#stages.begin();
    const { record, now } = { record: this.#record, now: this.#ports.clock.now() };
    this.#ports.metadata.beginBoot(record.desired.id);
    record.awaiting = { ...NOTHING_AWAITED, metadataSince: now, kernelSince: now };
    this.#seal.interrupted();
    this.#seal.watch();
    if (this.#speaks) this.#timeline.say(record.boot, "metadata", "running", now);
  }

  /** After the agent's own restart: takes up what was still awaited. */
  resume(): void {
    this.#seal.watch();
    if (this.#record.awaiting.sshSince !== null && this.#ssh === null) void this.#watchSsh(this.#record.awaiting.sshSince);
  }

  /** The VM has ended: nothing more is to be expected of this boot. */
  end(): void {
    this.#stop();
    this.#seal.interrupted();
    const { awaiting, boot } = this.#record;
    const message = "The VM ended before.";
    if (awaiting.metadataSince !== null && this.#speaks)
      this.#timeline.say(boot, "metadata", "skipped", awaiting.metadataSince, { message });
    if (awaiting.sshSince !== null) this.#timeline.say(boot, "ssh", "skipped", awaiting.sshSince, { message });
    this.#stages.end(message);
    this.#record.awaiting = { ...NOTHING_AWAITED };
  }

  /** The agent ends; the guest does not. */
  release(): void {
    this.#stop();
    this.#stages.release();
    this.#seal.release();
  }

  onEvent(event: GuestEvent): void {
    switch (event.kind) {
      case "metadataFetched":
        this.#fetched();
        return;
      case "stage":
        this.#stage(event);
        return;
      case "phoneHome":
        this.#seal.ended("phone-home");
        this.#onHealthy();
        return;
    }
  }

  /** Once a boot each: a guest may print them as often as it likes. What is read again after the agent's restart is not told again. */
  onSerial(sign: SerialSign): void {
    const { awaiting, boot } = this.#record;
    switch (sign.kind) {
      case "kernel":
        if (awaiting.kernelSince === null) return;
        this.#timeline.say(boot, "kernel", "succeeded", awaiting.kernelSince, { message: sign.version });
        awaiting.kernelSince = null;
        awaiting.loginSince = this.#ports.clock.now();
        break;
      case "login":
        if (awaiting.loginSince === null) return;
        this.#timeline.say(boot, "login", "succeeded", awaiting.loginSince);
        awaiting.loginSince = null;
        break;
      case "cloudInit":
        this.#stages.onOutput(sign.line);
        return;
    }
    void this.#ports.ledger.saveRecord(this.#record);
  }

  get #speaks(): boolean {
    return this.#record.desired.guestAgent === "cloud-init";
  }

  #fetched(): void {
    const record = this.#record;
    const since = record.awaiting.metadataSince;
    if (since === null) return;
    this.#timeline.say(record.boot, "metadata", "succeeded", since);
    record.awaiting.metadataSince = null;
    if (this.#speaks && record.desired.nics.length > 0 && this.#ssh === null) {
      record.awaiting.sshSince = this.#ports.clock.now();
      void this.#watchSsh(record.awaiting.sshSince);
    }
    void this.#ports.ledger.saveRecord(record);
  }

  #stage(event: Extract<GuestEvent, { kind: "stage" }>): void {
    const name = this.#stages.onEvent(event);
    // cloud-init's last stage: what the secrets were for is done.
    if (name !== "modules-final" || event.phase !== "finish") return;
    if (event.result === "FAIL") this.#seal.endedBadly();
    else {
      this.#seal.ended("cloud-init");
      this.#onHealthy();
    }
  }

  async #watchSsh(since: number): Promise<void> {
    const { clock, networks } = this.#ports;
    const controller = new AbortController();
    this.#ssh = controller;
    const record = this.#record;
    const { boot } = record;
    const nic = record.desired.nics[0];
    if (nic === undefined) return;
    this.#timeline.say(boot, "ssh", "running", since);
    while (!controller.signal.aborted) {
      const answers = await networks.probeSsh(nic, SSH_PROBE_MS).catch(() => false);
      if (controller.signal.aborted) return;
      if (answers || clock.now() - since > SSH_LIMIT_MS) {
        this.#timeline.say(boot, "ssh", answers ? "succeeded" : "failed", since, {
          message: answers ? null : `No SSH answered from host ${this.#ports.hostname} in 15 minutes. Look at the instance's console.`,
        });
        if (answers) this.#onHealthy();
        record.awaiting.sshSince = null;
        this.#ssh = null;
        void this.#ports.ledger.saveRecord(record);
        return;
      }
      await clock.sleep(SSH_INTERVAL_MS, controller.signal);
    }
  }

  #stop(): void {
    this.#ssh?.abort();
    this.#ssh = null;
  }
}
