import { type GuestFinding, type GuestFindingKind, type KeptScreen, MAX_FINDINGS } from "@indium/contract/guest-finding";
import type { VmHandle } from "../drivers/types";
import type { InstanceRecord } from "../ledger/format";
import { RateLimit } from "../metadata/rate-limit";
import { describeError } from "../system/log";
import type { InstancePorts } from "./ports";
import { EMPTY_SCAN, type ScanEvent, type ScanState, scanSerial } from "./serial-scan";

const LOOK_MS = 2_000;
/** 15 ms of one QEMU and a few tens of kilobytes in memory (tmpfs): what a QEMU that is killed leaves of its screen. */
const PHOTOGRAPH_MS = 60_000;
/** A guest without a login on its serial port and without cloud-init has booted well when it said nothing bad for so long. */
const QUIET_MS = 5 * 60_000;
/** A guest may print and clear as it likes; each change is a report. */
const CHANGES = { perSecond: 0.1, burst: 30 };

const WORDS: Record<GuestFindingKind, string> = {
  kernel_panic: "a kernel panic",
  init_killed: "a kernel panic because init ended",
  out_of_memory: "processes killed for want of memory",
  emergency_mode: "a boot that ended in emergency mode",
  boot_loader: "a boot that ended in the boot loader",
  no_boot_device: "no disk to boot from",
};

export type SerialSign = Exclude<ScanEvent, { kind: "found" }>;

/**
 * Why a guest hangs: reads its serial log while it runs and keeps its last screen when it ends unasked. It only reports; it never
 * changes the VM.
 *
 *   begin ──▶ watching ──finding──▶ told, screen kept ──┐
 *               ▲  └──login, SSH, cloud-init, quiet──▶ findings of boots before, and their screen, are cleared
 *               └───────────────────────────────────────┘            end: one last look
 */
export class HangWatch {
  readonly #ports: InstancePorts;
  readonly #record: InstanceRecord;
  readonly #handle: () => VmHandle | null;
  readonly #changed: () => void;
  readonly #onSign: (sign: SerialSign) => void;
  readonly #changes: RateLimit;
  #scan: ScanState = EMPTY_SCAN;
  /** Null until the log's length at the boot's beginning is known. */
  #position: number | null = null;
  #watching: AbortController | null = null;
  /** One look at a time. */
  #looking: Promise<void> = Promise.resolve();
  #forgetting: Promise<void> = Promise.resolve();
  #photographedAt = 0;
  #quietSince = 0;

  /**
   * @param handle the VM's, while it lives. @param changed called when the record's findings or screen have changed.
   * @param onSign told of what the serial port says of a boot that goes on.
   */
  constructor(
    ports: InstancePorts,
    record: InstanceRecord,
    handle: () => VmHandle | null,
    changed: () => void,
    onSign: (sign: SerialSign) => void = () => {},
  ) {
    this.#ports = ports;
    this.#record = record;
    this.#handle = handle;
    this.#changed = changed;
    this.#onSign = onSign;
    this.#changes = new RateLimit({ ...CHANGES, now: () => ports.clock.now() });
  }

  /** Before QEMU starts: what its log holds so far was of boots before. */
  async begin(): Promise<void> {
    const { hypervisor } = this.#ports;
    this.#scan = EMPTY_SCAN;
    const { next } = (await hypervisor.serialSince(this.#record.desired.id, "end").catch(() => null)) ?? { next: 0 };
    this.#position = next;
    this.#record.serialFrom = next;
    this.#watch();
  }

  /** A VM that was running already when the agent started: its boot is read again from its beginning, which finds the same again. */
  resume(): void {
    if (this.#watching !== null) return;
    this.#scan = EMPTY_SCAN;
    this.#position = this.#record.serialFrom;
    this.#watch();
  }

  /** The guest boots anew within the same QEMU. */
  rebooted(): void {
    this.#quietSince = this.#ports.clock.now();
  }

  /** What the guest has printed by now is read, and told. */
  async catchUp(): Promise<void> {
    await this.#look();
  }

  /** The kernel panicked and QEMU's panic device told; usually the serial port has said more. */
  async panicked(): Promise<void> {
    await this.#look();
    const { boot, findings } = this.#record;
    if (findings.some((each) => each.boot === boot && (each.kind === "kernel_panic" || each.kind === "init_killed"))) return;
    if (this.#keep("kernel_panic", "")) this.#changed();
  }

  /** The boot went well: what hindered those before is past. An out-of-memory of this boot is not. */
  healthy(): void {
    const record = this.#record;
    const findings = record.findings.filter((each) => each.boot === record.boot && each.kind === "out_of_memory");
    const screenStays = record.screen !== null && record.screen.boot === record.boot && findings.length > 0;
    if (findings.length === record.findings.length && (screenStays || record.screen === null)) return;
    record.findings = findings;
    if (!screenStays) this.#forgetScreen();
    this.#changed();
  }

  /**
   * The VM is about to be discarded although nobody asked for that, or has ended already. What it said and showed last is kept.
   * Never throws: a VM that cannot be looked at any more must end all the same.
   */
  async ended(why: KeptScreen["why"]): Promise<void> {
    await this.#look();
    await this.#photograph();
    if (await this.#keepScreen(why)) this.#changed();
    this.release();
  }

  release(): void {
    this.#watching?.abort();
    this.#watching = null;
  }

  #watch(): void {
    this.release();
    const controller = new AbortController();
    this.#watching = controller;
    this.#quietSince = this.#ports.clock.now();
    this.#photographedAt = this.#quietSince;
    void this.#run(controller.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    while (!signal.aborted) {
      if (!(await this.#look())) return;
      if (signal.aborted) return;
      const now = clock.now();
      if (now - this.#photographedAt >= PHOTOGRAPH_MS) await this.#photograph();
      if (now - this.#quietSince >= QUIET_MS && !this.#saidBad) this.healthy();
      await clock.sleep(LOOK_MS, signal);
    }
  }

  get #saidBad(): boolean {
    return this.#record.findings.some((each) => each.boot === this.#record.boot && each.kind !== "out_of_memory");
  }

  /** @returns false where there is nothing to look at, now or later. */
  async #look(): Promise<boolean> {
    let worthwhile = true;
    const before = this.#looking;
    const done = (async () => {
      await before;
      worthwhile = await this.#read().catch((error: unknown) => {
        this.#ports.log.warn("serial log not read", { instance: this.#record.desired.id, ...describeError(error) });
        return true;
      });
    })();
    this.#looking = done;
    await done;
    return worthwhile;
  }

  async #read(): Promise<boolean> {
    if (this.#position === null) return true;
    const read = await this.#ports.hypervisor.serialSince(this.#record.desired.id, this.#position);
    if (read === null) return false;
    this.#position = read.next;
    if (read.text === "") return true;
    const { state, events } = scanSerial(this.#scan, read.text);
    this.#scan = state;
    let news = false;
    for (const event of events) {
      if (event.kind === "found") {
        news = this.#keep(event.finding, event.excerpt) || news;
        continue;
      }
      if (event.kind === "login") this.healthy();
      this.#onSign(event);
    }
    if (!news) return true;
    await this.#photograph();
    await this.#keepScreen("finding");
    this.#changed();
    return true;
  }

  /** @returns whether that is news: a kind's first finding of a boot, or more lines of it. */
  #keep(kind: GuestFindingKind, excerpt: string): boolean {
    const record = this.#record;
    const known = record.findings.find((each) => each.kind === kind && each.boot === record.boot);
    if (known !== undefined) {
      const grown = excerpt.length > known.excerpt.length && excerpt.startsWith(known.excerpt);
      if (grown) this.#replace({ ...known, excerpt });
      return grown;
    }
    if (!this.#changes.take()) return false;
    this.#replace({ kind, at: this.#ports.clock.now(), boot: record.boot, excerpt });
    // Outlives the boot that goes well, which an automatic restart may well be.
    const message = `${record.desired.name} (${record.desired.id}): ${WORDS[kind]} in its serial log.`;
    this.#ports.report({ kind: "host.event", level: "warning", code: `guest_${kind}`, message });
    return true;
  }

  /** One of each kind, the newest boot's: four say enough of why a guest hangs. */
  #replace(finding: GuestFinding): void {
    this.#record.findings = [...this.#record.findings.filter((each) => each.kind !== finding.kind), finding].slice(-MAX_FINDINGS);
  }

  async #photograph(): Promise<void> {
    this.#photographedAt = this.#ports.clock.now();
    // A QEMU that hangs or is gone shows no screen; the picture before is then the last.
    await this.#handle()
      ?.photograph()
      .catch(() => {});
  }

  async #keepScreen(why: KeptScreen["why"]): Promise<boolean> {
    const { desired, boot } = this.#record;
    await this.#forgetting;
    const at = await this.#ports.hypervisor.keepScreen(desired.id).catch((error: unknown) => {
      this.#ports.log.warn("screen not kept", { instance: desired.id, ...describeError(error) });
      return null;
    });
    if (at === null) return false;
    this.#record.screen = { at, boot, why };
    return true;
  }

  #forgetScreen(): void {
    const { desired } = this.#record;
    this.#record.screen = null;
    this.#forgetting = this.#ports.hypervisor
      .forgetScreen(desired.id)
      .catch((error: unknown) => this.#ports.log.warn("screen not removed", { instance: desired.id, ...describeError(error) }));
  }
}
