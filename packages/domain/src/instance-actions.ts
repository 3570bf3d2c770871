import type { DesiredState, DisplayedState, InstanceAction } from "@indium/contract/states";

/**
 * The one table of which action is allowed in which displayed state, and why not. Buttons and their tooltips, the API's
 * refusals and the agent's denials all read it.
 */
type Rule = true | string;

const changing = (what: string) => `The instance is ${what}. Wait until that has ended.`;
const UNKNOWN = "The host cannot be reached, so nobody knows whether the instance runs. The action waits for a host that answers.";
const DELETED = "The instance is deleted.";
/** A guest is told its processors, memory and disk at its start. */
const SIZED_AT_START = "Processors, memory and disk are given to a guest at its start. Stop the instance, then resize it.";

const TABLE: Record<DisplayedState, Record<InstanceAction, Rule>> = {
  creating: deny(changing("being created"), { delete: true, stop: true }),
  starting: deny(changing("starting"), { delete: true, stop: true, forceStop: true, openConsole: true }),
  running: {
    start: "The instance is already running.",
    stop: true,
    forceStop: true,
    reboot: true,
    reset: true,
    pause: true,
    resume: "The instance is not paused.",
    reprovision: true,
    resize: SIZED_AT_START,
    rebuild: true,
    delete: true,
    openConsole: true,
  },
  pausing: deny(changing("being paused"), { delete: true, forceStop: true, openConsole: true }),
  paused: {
    start: "The instance is paused. Resume it instead.",
    stop: "A paused guest cannot shut down by itself. Resume it first, or force it to stop.",
    forceStop: true,
    reboot: "A paused guest cannot reboot by itself. Resume it first, or reset it.",
    reset: true,
    pause: "The instance is already paused.",
    resume: true,
    reprovision: "A paused guest cannot reboot by itself. Resume it first.",
    resize: SIZED_AT_START,
    rebuild: true,
    delete: true,
    openConsole: true,
  },
  resuming: deny(changing("resuming"), { delete: true, forceStop: true, openConsole: true }),
  stopping: deny(changing("stopping"), { delete: true, forceStop: true, start: true, openConsole: true }),
  stopped: {
    start: true,
    stop: "The instance is already stopped.",
    forceStop: "The instance is already stopped.",
    reboot: "The instance is stopped. Start it instead.",
    reset: "The instance is stopped. Start it instead.",
    pause: "The instance is stopped.",
    resume: "The instance is stopped. Start it instead.",
    reprovision: true,
    resize: true,
    rebuild: true,
    delete: true,
    openConsole: "The instance is stopped. Start it to open its console.",
  },
  rebooting: deny(changing("rebooting"), { delete: true, stop: true, forceStop: true, reset: true, openConsole: true }),
  crashed: {
    start: "The host is already starting it again.",
    stop: true,
    forceStop: true,
    reboot: changing("being started again after a crash"),
    reset: changing("being started again after a crash"),
    pause: changing("being started again after a crash"),
    resume: "The instance is not paused.",
    reprovision: changing("being started again after a crash"),
    resize: "The host is starting it again after a crash. Stop the instance, then resize it.",
    rebuild: true,
    delete: true,
    openConsole: changing("being started again after a crash"),
  },
  failed: {
    ...deny("The instance failed. Start it to try again; its timeline says why.", { start: true, stop: true, rebuild: true, delete: true }),
    resize: "The instance failed. Stop it first, so that nothing of it runs any more; then resize it.",
  },
  deleting: deny("The instance is being deleted.", {}),
  deleted: deny(DELETED, {}),
  unknown: {
    ...deny(UNKNOWN, { start: true, stop: true, forceStop: true, delete: true }),
    resize: "The host cannot be reached, so nobody knows whether the instance runs. Resize it when the host is back.",
    rebuild: "The host cannot be reached, so nobody knows whether the instance runs. Rebuild it when the host is back.",
  },
};

function deny(reason: string, allowed: Partial<Record<InstanceAction, true>>): Record<InstanceAction, Rule> {
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
const DURING: Record<DiskWork, string> = {
  resize: "The instance is being resized. Wait until that has ended.",
  rebuild: "The instance is being rebuilt. Wait until that has ended.",
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
