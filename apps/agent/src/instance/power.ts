import type { PowerRequest } from "@indium/contract/instance";
import type { InstanceRecord } from "../ledger/format";
import type { GuestWatch } from "./guest-watch";
import type { HangWatch } from "./hang-watch";
import type { InstancePorts } from "./ports";
import type { Publisher } from "./publisher";
import type { VmTracker } from "./vm-tracker";

/** A guest early in its boot has nobody listening to the power button yet: it is pressed again. */
const PRESS_AGAIN_MS = 10_000;
/** A guest may answer the button a little after its grace has ended or was taken back. */
const LATE_ANSWER_MS = 60_000;

export interface PowerParts {
  readonly ports: InstancePorts;
  readonly record: InstanceRecord;
  readonly vm: VmTracker;
  readonly publisher: Publisher;
  readonly guest: GuestWatch;
  readonly hang: HangWatch;
}

/** ACPI first, force after the grace. A cancelled stop leaves the VM as it is; the press itself cannot be taken back. */
export async function stopVm(parts: PowerParts, signal: AbortSignal): Promise<void> {
  const { record, vm, publisher } = parts;
  publisher.publish({ state: "stopping", startedAt: vm.startedAt });
  // Paused, no guest can answer the button.
  if (record.desired.stopGraceMs > 0 && (await vm.handle?.state()) === "paused") await vm.handle?.resume();
  await shutDown(parts, "stopping", "Shutting down", signal);
  if (signal.aborted) return;
  await endVm(parts);
}

/**
 * Reboot as clouds do: the power button, then a fresh start; a reset when the guest does not shut down within its grace.
 * The request is on disk before anything is done, so a crash of the agent never makes it happen twice.
 */
export async function carryOutPower(parts: PowerParts, request: PowerRequest, signal: AbortSignal): Promise<void> {
  const { ports, record, vm, publisher } = parts;
  record.lastRequestId = request.requestId;
  record.denial = null;
  await ports.ledger.saveRecord(record);
  publisher.publish({ state: "rebooting", startedAt: vm.startedAt });
  if (request.kind === "reboot") {
    const down = await shutDown(parts, "rebooting", "Rebooting", signal);
    if (signal.aborted) return;
    if (down) {
      await endVm(parts);
      return;
    }
  }
  // Only a new process shows the guest another uuid.
  if (record.runningGuestUuid !== null && record.runningGuestUuid !== record.desired.guestUuid) await endVm(parts);
  else await vm.handle?.reset();
}

/** Ends the VM's process and what was awaited of its guest. */
export async function endVm(parts: Pick<PowerParts, "vm" | "guest" | "hang">): Promise<void> {
  parts.hang.release();
  await parts.vm.discard();
  parts.guest.end();
}

/** @returns whether the guest is down; false when its grace has run out. Publishes what it waits for. */
async function shutDown(parts: PowerParts, state: "stopping" | "rebooting", words: string, signal: AbortSignal): Promise<boolean> {
  const { ports, record, vm, publisher } = parts;
  const { clock } = ports;
  const grace = record.desired.stopGraceMs;
  if (grace === 0) return false;
  const now = clock.now();
  // A press that is still being answered (a stop cancelled and asked for again, an agent restarted) keeps its deadline.
  const before = record.powerPressedUntil === null ? 0 : record.powerPressedUntil - LATE_ANSWER_MS;
  const deadline = before > now ? Math.min(before, now + grace) : now + grace;
  record.powerPressedUntil = deadline + LATE_ANSWER_MS;
  await ports.ledger.saveRecord(record);
  let pressAt = now;
  while (!signal.aborted) {
    const { news } = vm;
    const { state: run } = await vm.look();
    if (run === "shutdown" || run === "none" || run === "crashed") return true;
    if (clock.now() >= deadline) return false;
    if (clock.now() >= pressAt) {
      await vm.handle?.powerButton();
      pressAt = clock.now() + PRESS_AGAIN_MS;
    }
    const seconds = Math.ceil((deadline - now) / 1000);
    publisher.publish({
      state,
      startedAt: vm.startedAt,
      waiting: { message: `${words}; forced after ${seconds} s if the guest does not answer.`, untilMs: deadline },
    });
    await clock.sleep(Math.max(0, Math.min(deadline, pressAt) - clock.now()), AbortSignal.any([signal, news]));
  }
  return false;
}
