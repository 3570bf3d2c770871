import { AppError, type WireError } from "@indium/contract/errors";
import type { PowerRequest } from "@indium/contract/instance";
import { mayAct } from "@indium/domain/instance-actions";
import type { VmRunState } from "../drivers/types";
import type { InstanceRecord } from "../ledger/format";
import { crashVerdict } from "./crash-back-off";
import { wantsNewDisk } from "./disk";

/**
 * What to do next for one VM: a function of the wish, the ledger's facts and what the process says. The driver carries it
 * out, looks again, and asks again, until the answer is to rest.
 *
 *            start                     pause
 *   none ───────────▶ running ◀──────────────────▶ paused
 *    ▲ ▲                │  │        resume
 *    │ └── discard ─────┘  │ stop (ACPI, then force), reboot, reset
 *    │   (shutdown, crashed)
 *    └────────────────────── delete ──▶ gone
 *
 * Invariants
 * - Only a tombstone deletes; only a wish for `stopped` or a tombstone stops.
 * - A guest's own power-off is kept until a newer generation; a crash is not, until the tries are used up.
 * - A power request is answered once: carried out or denied, never both, never twice.
 * - A failure holds until a newer generation.
 * - A guest's disk is replaced only when the wish names it as the one to be replaced.
 */
export type Decision =
  | { readonly do: "rest"; readonly state: "running" | "paused" | "stopped" | "failed" | "gone" }
  | { readonly do: "wait"; readonly untilMs: number; readonly tries: number }
  | { readonly do: "giveUp" }
  | { readonly do: "start" }
  | { readonly do: "stop" }
  | { readonly do: "pause" }
  | { readonly do: "resume" }
  | { readonly do: "power"; readonly request: PowerRequest }
  | { readonly do: "denyPower"; readonly request: PowerRequest; readonly error: WireError }
  /** The process is of no more use: end it and remove what it leaves. */
  | { readonly do: "discard"; readonly why: "stopped" | "guestPoweredOff" | "crashed" | "restarting" }
  /** Make the disk of a rebuild; the old one, and the VM on it, stay until the new one is there. */
  | { readonly do: "renewDisk" }
  | { readonly do: "delete" };

export interface VmObservation {
  readonly state: "none" | VmRunState;
  /** When the guest shut down; null when nobody was there to see it. */
  readonly shutdownAt: number | null;
}

export function decide(record: InstanceRecord, vm: VmObservation, now: number): Decision {
  const { desired } = record;
  const wish = desired.desired;
  if (wish === "gone") return record.gone ? { do: "rest", state: "gone" } : { do: "delete" };

  const hasFailed = record.failure !== null && record.failure.generation === desired.generation;
  if (wantsNewDisk(record) && !hasFailed) return { do: "renewDisk" };

  if (vm.state === "shutdown") {
    if (wish === "stopped") return { do: "discard", why: "stopped" };
    return { do: "discard", why: wasOurs(record, vm) ? "restarting" : "guestPoweredOff" };
  }
  if (vm.state === "crashed") return { do: "discard", why: wish === "stopped" ? "stopped" : "crashed" };

  if (hasFailed) {
    if (vm.state === "none" || wish !== "stopped") return { do: "rest", state: "failed" };
  }

  const { power } = desired;
  if (power !== null && power.requestId !== record.lastRequestId) return answerPower(power, record, vm.state, now);

  switch (wish) {
    case "stopped":
      return vm.state === "none" ? { do: "rest", state: "stopped" } : { do: "stop" };
    case "running":
      if (vm.state === "none") return startOrNot(record, now);
      return vm.state === "paused" ? { do: "resume" } : { do: "rest", state: "running" };
    case "paused":
      if (vm.state === "none") return startOrNot(record, now);
      return vm.state === "running" ? { do: "pause" } : { do: "rest", state: "paused" };
  }
}

/** Our press of the power button, for a reboot or a stop that has been taken back, is not the guest's own wish. */
function wasOurs(record: InstanceRecord, vm: VmObservation): boolean {
  if (record.powerPressedUntil === null) return false;
  return vm.shutdownAt === null || vm.shutdownAt <= record.powerPressedUntil;
}

function startOrNot(record: InstanceRecord, now: number): Decision {
  if (record.poweredOffGeneration === record.desired.generation) return { do: "rest", state: "stopped" };
  const verdict = crashVerdict(record.crashes, now);
  switch (verdict.kind) {
    case "start":
      return { do: "start" };
    case "wait":
      return { do: "wait", untilMs: verdict.untilMs, tries: verdict.tries };
    case "giveUp":
      return { do: "giveUp" };
  }
}

function answerPower(request: PowerRequest, record: InstanceRecord, state: "none" | "running" | "paused", now: number): Decision {
  const deny = (message: string): Decision => ({ do: "denyPower", request, error: new AppError("action_denied", message).toWire() });
  const { name, desired } = record.desired;
  if (now > request.expiresAt) return deny(`The ${request.kind} of ${name} was asked for too long ago and was left undone. Ask again.`);
  if (desired === "stopped" && state !== "none")
    return deny(`The ${request.kind} of ${name} was left undone, because it is being stopped.`);
  const verdict = mayAct(state === "none" ? "stopped" : state, request.kind);
  return verdict.allowed ? { do: "power", request } : deny(verdict.reason);
}
