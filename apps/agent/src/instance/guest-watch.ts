import type { InstanceRecord } from "../ledger/format";
import { RateLimit } from "../metadata/rate-limit";
import type { GuestEvent } from "../metadata/types";
import type { InstancePorts } from "./ports";
import type { SecretSeal } from "./secret-seal";
import type { Timeline } from "./timeline";

const SSH_INTERVAL_MS = 1_000;
const SSH_PROBE_MS = 1_000;
/** Under emulation a first boot takes minutes. Afterwards the step says what to look at. */
const SSH_LIMIT_MS = 15 * 60_000;
/**
 * A guest may say anything, as often as it likes, and each new name is a line of the timeline in the centre's database: so no more is
 * told than a cloud-init with every module on would say (about 150 stages a boot, each begun and ended). The centre keeps the
 * newest boots' only.
 */
const MAX_STAGES_PER_BOOT = 300;
const STAGE_REPORTS = { perSecond: 5, burst: 600 };

/**
 * What the guest tells of its own boot: metadata fetched, cloud-init's stages, SSH answering. It only reports, and tells the seal
 * when the boot is through; it never changes the VM.
 */
export class GuestWatch {
  readonly #ports: InstancePorts;
  readonly #record: InstanceRecord;
  readonly #timeline: Timeline;
  readonly #seal: SecretSeal;
  readonly #onHealthy: () => void;
  readonly #stages = new Map<string, number>();
  readonly #stageReports: RateLimit;
  #told: { boot: number; names: Set<string> } = { boot: -1, names: new Set() };
  #ssh: AbortController | null = null;

  constructor(ports: InstancePorts, record: InstanceRecord, timeline: Timeline, seal: SecretSeal, onHealthy: () => void = () => {}) {
    this.#ports = ports;
    this.#record = record;
    this.#timeline = timeline;
    this.#seal = seal;
    this.#onHealthy = onHealthy;
    this.#stageReports = new RateLimit({ ...STAGE_REPORTS, now: () => ports.clock.now() });
  }

  /** A guest begins to boot: by a start of QEMU, a reset, or its own reboot. */
  begin(): void {
    this.#stop();
    this.#stages.clear();
    const { record, now } = { record: this.#record, now: this.#ports.clock.now() };
    this.#ports.metadata.beginBoot(record.desired.id);
    record.awaiting = { metadataSince: now, sshSince: null };
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
    for (const [stage, since] of this.#stages) this.#timeline.say(boot, `guest:${stage}`, "skipped", since, { message });
    this.#stages.clear();
    this.#record.awaiting = { metadataSince: null, sshSince: null };
  }

  /** The agent ends; the guest does not. */
  release(): void {
    this.#stop();
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
    const name = event.name
      .toLowerCase()
      .replaceAll(/[^a-z0-9/_-]+/g, "-")
      .slice(0, 120);
    if (name === "") return;
    if (this.#mayTell(name)) this.#tell(name, event);
    // cloud-init's last stage: what the secrets were for is done.
    if (name !== "modules-final" || event.phase !== "finish") return;
    if (event.result === "FAIL") this.#seal.endedBadly();
    else {
      this.#seal.ended("cloud-init");
      this.#onHealthy();
    }
  }

  /** By boot; a guest that reboots for the sake of it is held by the rate. */
  #mayTell(name: string): boolean {
    if (this.#told.boot !== this.#record.boot) this.#told = { boot: this.#record.boot, names: new Set() };
    const { names } = this.#told;
    if (!names.has(name) && names.size >= MAX_STAGES_PER_BOOT) return false;
    if (!this.#stageReports.take()) return false;
    names.add(name);
    return true;
  }

  #tell(name: string, event: Extract<GuestEvent, { kind: "stage" }>): void {
    const now = this.#ports.clock.now();
    if (event.phase === "start") {
      this.#stages.set(name, now);
      this.#timeline.say(this.#record.boot, `guest:${name}`, "running", now, { message: event.description });
      return;
    }
    const since = this.#stages.get(name) ?? now;
    this.#stages.delete(name);
    this.#timeline.say(this.#record.boot, `guest:${name}`, event.result === "FAIL" ? "failed" : "succeeded", since, {
      message: event.result === "WARN" ? `Ended with a warning: ${event.description}` : event.description,
      detail: event.detail,
    });
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
