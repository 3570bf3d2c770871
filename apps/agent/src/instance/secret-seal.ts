import type { Provisioning, SealReason } from "@indium/contract/report";
import { type InstanceRecord, MAX_SEALED } from "../ledger/format";
import { describeError } from "../system/log";
import type { InstancePorts } from "./ports";

/**
 * When a guest's secrets (password, user data) stop being served.
 *
 *   wished ──start──▶ first boot ──────────────────────────────────────────────▶ sealed, for good
 *     ▲               served        cloud-init's last stage ended │ phone-home │ the time limit
 *     │                             (ended badly: and still up three minutes later)
 *     └── re-provision: the process of a new guestUuid starts
 *
 * Invariants
 * - Everything is kept by guestUuid, in the ledger: a guest that was sealed stays so over reboots, agents' deaths, host reboots and a
 *   restored centre that wishes it again. Only a guestUuid never sealed here is given secrets, and only by a process of its own.
 * - The clock runs from the guest's first start, whether it runs or not: nothing inside a guest can make it longer.
 * - Any process inside the guest may post what cloud-init posts, for what cloud-init can read, all can. All that wins is an earlier end.
 */
export const FIRST_BOOT_LIMIT_MS = 60 * 60_000;
/**
 * cloud-init reports a stage that a reboot cut short just like one with a failed script (its result is FAIL either way): so a bad
 * end counts once the guest has stayed up longer than a shutdown takes.
 */
const FAILED_GRACE_MS = 3 * 60_000;

export function isSealed(record: InstanceRecord, guestUuid: string): boolean {
  return record.secretsSealedFor === guestUuid || record.sealed.some((each) => each.guestUuid === guestUuid);
}

/** Ms since the epoch; null before the first start. */
export function servedUntil(record: InstanceRecord): number | null {
  const { firstBoot } = record;
  if (firstBoot === null || firstBoot.guestUuid !== record.runningGuestUuid) return null;
  const limit = firstBoot.startedAt + FIRST_BOOT_LIMIT_MS;
  return firstBoot.failedAt === null ? limit : Math.min(limit, firstBoot.failedAt + FAILED_GRACE_MS);
}

export function provisioningOf(record: InstanceRecord): Provisioning | null {
  const { runningGuestUuid: guestUuid } = record;
  if (guestUuid === null) return null;
  const sealed = record.sealed.find((each) => each.guestUuid === guestUuid);
  if (sealed !== undefined) return { guestUuid, servedUntil: null, sealed: { at: sealed.at, reason: sealed.reason } };
  return { guestUuid, servedUntil: servedUntil(record), sealed: null };
}

export class SecretSeal {
  readonly #ports: Pick<InstancePorts, "clock" | "ledger" | "log">;
  readonly #record: InstanceRecord;
  readonly #onChange: () => void;
  #timer: AbortController | null = null;

  constructor(ports: Pick<InstancePorts, "clock" | "ledger" | "log">, record: InstanceRecord, onChange: () => void) {
    this.#ports = ports;
    this.#record = record;
    this.#onChange = onChange;
  }

  /** A boot begins, of the guest that `runningGuestUuid` names; or the agent takes up one that runs. */
  watch(): void {
    const record = this.#record;
    const { runningGuestUuid: guestUuid } = record;
    if (guestUuid === null) return;
    if (isSealed(record, guestUuid)) {
      // Sealed by an agent that noted no more than whom.
      if (!record.sealed.some((each) => each.guestUuid === guestUuid)) this.#note(guestUuid, "cloud-init");
      return;
    }
    const now = this.#ports.clock.now();
    if (record.firstBoot?.guestUuid !== guestUuid) {
      record.firstBoot = { guestUuid, startedAt: now, failedAt: null };
      this.#save();
    }
    // A host without a clock of its own started in the future: that must not make the limit longer.
    else if (record.firstBoot.startedAt > now) record.firstBoot.startedAt = now;
    this.#waitForLimit();
    this.#onChange();
  }

  /** The guest went down, or starts over: a last stage that ended badly was cut short. */
  interrupted(): void {
    if (this.#record.firstBoot === null || this.#record.firstBoot.failedAt === null) return;
    this.#record.firstBoot.failedAt = null;
    this.#save();
    this.#waitForLimit();
    this.#onChange();
  }

  /** The guest says that its first boot has ended. */
  ended(reason: Exclude<SealReason, "time-limit">): void {
    this.#seal(reason);
  }

  endedBadly(): void {
    const { firstBoot } = this.#record;
    if (firstBoot === null || firstBoot.failedAt !== null || firstBoot.guestUuid !== this.#record.runningGuestUuid) return;
    firstBoot.failedAt = this.#ports.clock.now();
    this.#save();
    this.#waitForLimit();
    this.#onChange();
  }

  /** The agent ends; what is kept is on disk. */
  release(): void {
    this.#timer?.abort();
    this.#timer = null;
  }

  #waitForLimit(): void {
    this.release();
    const { clock } = this.#ports;
    const record = this.#record;
    const until = servedUntil(record);
    if (until === null || record.runningGuestUuid === null || isSealed(record, record.runningGuestUuid)) return;
    const timer = new AbortController();
    this.#timer = timer;
    void clock.sleep(Math.max(0, until - clock.now()), timer.signal).then(() => {
      if (!timer.signal.aborted) this.#seal(record.firstBoot?.failedAt == null ? "time-limit" : "cloud-init");
    });
  }

  #seal(reason: SealReason): void {
    const { runningGuestUuid: guestUuid } = this.#record;
    if (guestUuid === null || isSealed(this.#record, guestUuid)) return;
    this.release();
    this.#note(guestUuid, reason);
    this.#onChange();
  }

  #note(guestUuid: string, reason: SealReason): void {
    const record = this.#record;
    record.sealed = [...record.sealed, { guestUuid, at: this.#ports.clock.now(), reason }].slice(-MAX_SEALED);
    record.secretsSealedFor = guestUuid;
    record.firstBoot = null;
    this.#save();
  }

  #save(): void {
    this.#ports.ledger
      .saveRecord(this.#record)
      .catch((error: unknown) => this.#ports.log.error("record not saved", { instance: this.#record.desired.id, ...describeError(error) }));
  }
}
