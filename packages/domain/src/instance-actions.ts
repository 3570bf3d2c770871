import type { DesiredState, DisplayedState, InstanceAction } from "@indium/contract/states";
import { type ActionDenial, ACTION_DENIALS as WHY } from "./action-denials";

/**
 * The one table of which action is allowed in which displayed state, and why not. Buttons and their tooltips, the API's
 * refusals and the agent's denials all read it.
 */
type Rule = true | ActionDenial;

const TABLE: Record<DisplayedState, Record<InstanceAction, Rule>> = {
  creating: deny(WHY.creating, { delete: true, stop: true }),
  starting: deny(WHY.starting, { delete: true, stop: true, forceStop: true, openConsole: true }),
  running: {
    start: WHY.alreadyRunning,
    stop: true,
    forceStop: true,
    reboot: true,
    reset: true,
    pause: true,
    resume: WHY.notPaused,
    reprovision: true,
    resize: WHY.sizedAtStart,
    rebuild: true,
    delete: true,
    openConsole: true,
  },
  pausing: deny(WHY.pausing, { delete: true, forceStop: true, openConsole: true }),
  paused: {
    start: WHY.pausedStart,
    stop: WHY.pausedStop,
    forceStop: true,
    reboot: WHY.pausedReboot,
    reset: true,
    pause: WHY.alreadyPaused,
    resume: true,
    reprovision: WHY.pausedReprovision,
    resize: WHY.sizedAtStart,
    rebuild: true,
    delete: true,
    openConsole: true,
  },
  resuming: deny(WHY.resuming, { delete: true, forceStop: true, openConsole: true }),
  stopping: deny(WHY.stopping, { delete: true, forceStop: true, start: true, openConsole: true }),
  stopped: {
    start: true,
    stop: WHY.alreadyStopped,
    forceStop: WHY.alreadyStopped,
    reboot: WHY.stoppedStart,
    reset: WHY.stoppedStart,
    pause: WHY.stopped,
    resume: WHY.stoppedStart,
    reprovision: true,
    resize: true,
    rebuild: true,
    delete: true,
    openConsole: WHY.stoppedConsole,
  },
  rebooting: deny(WHY.rebooting, { delete: true, stop: true, forceStop: true, reset: true, openConsole: true }),
  crashed: {
    start: WHY.crashedStart,
    stop: true,
    forceStop: true,
    reboot: WHY.restarting,
    reset: WHY.restarting,
    pause: WHY.restarting,
    resume: WHY.notPaused,
    reprovision: WHY.restarting,
    resize: WHY.crashedResize,
    rebuild: true,
    delete: true,
    openConsole: WHY.restarting,
  },
  failed: {
    ...deny(WHY.failed, { start: true, stop: true, rebuild: true, delete: true }),
    resize: WHY.failedResize,
  },
  deleting: deny(WHY.deleting, {}),
  deleted: deny(WHY.deleted, {}),
  unknown: {
    ...deny(WHY.unknown, { start: true, stop: true, forceStop: true, delete: true }),
    resize: WHY.unknownResize,
    rebuild: WHY.unknownRebuild,
  },
};

function deny(reason: ActionDenial, allowed: Partial<Record<InstanceAction, true>>): Record<InstanceAction, Rule> {
  const all: Record<InstanceAction, Rule> = {
    start: reason,
    stop: reason,
    forceStop: reason,
    reboot: reason,
    reset: reason,
    pause: reason,
    resume: reason,
    reprovision: reason,
    resize: reason,
    rebuild: reason,
    delete: reason,
    openConsole: reason,
  };
  return { ...all, ...allowed };
}

export type ActionVerdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** Work on the instance's disk that a newer request would leave half asked for. */
export type DiskWork = "resize" | "rebuild";
const DURING: Record<DiskWork, ActionDenial> = {
  resize: WHY.resizing,
  rebuild: WHY.rebuilding,
};

/** May this action be asked for in this state, and during this? The reason is a sentence for the user. */
export function mayAct(state: DisplayedState, action: InstanceAction, during: DiskWork | null = null): ActionVerdict {
  if (during !== null && action !== "delete" && action !== "openConsole") return { allowed: false, reason: DURING[during] };
  const rule = TABLE[state][action];
  return rule === true ? { allowed: true } : { allowed: false, reason: rule };
}

/** The stable state that an action asks for; null for the one-time requests (reboot, reset, re-provision), for changes of the machine, and for opening a console. */
export function desiredStateFor(action: InstanceAction): DesiredState | null {
  switch (action) {
    case "start":
    case "resume":
      return "running";
    case "stop":
    case "forceStop":
      return "stopped";
    case "pause":
      return "paused";
    case "delete":
      return "gone";
    case "reboot":
    case "reset":
    case "reprovision":
    case "resize":
    case "rebuild":
    case "openConsole":
      return null;
  }
}
