import type { OperationView } from "@indium/contract/api/instance-views";
import type { OperationState } from "@indium/contract/states";
import type { Tone } from "@/ui/tone";

type Kind = OperationView["kind"];

/** "Start", "Starting", "Started": what it is called, while it goes on and when it has succeeded. */
export const OPERATION_WORDS: Record<Kind, { noun: string; doing: string; done: string }> = {
  "instance.create": { noun: "Create instance", doing: "Creating", done: "Created" },
  "instance.start": { noun: "Start", doing: "Starting", done: "Started" },
  "instance.stop": { noun: "Stop", doing: "Stopping", done: "Stopped" },
  "instance.forceStop": { noun: "Force stop", doing: "Forcing to stop:", done: "Stopped by force:" },
  "instance.reboot": { noun: "Reboot", doing: "Rebooting", done: "Rebooted" },
  "instance.reset": { noun: "Reset", doing: "Resetting", done: "Reset" },
  "instance.pause": { noun: "Pause", doing: "Pausing", done: "Paused" },
  "instance.resume": { noun: "Resume", doing: "Resuming", done: "Resumed" },
  "instance.reprovision": { noun: "Re-provision", doing: "Re-provisioning", done: "Re-provisioned" },
  "instance.resize": { noun: "Resize", doing: "Resizing", done: "Resized" },
  "instance.rebuild": { noun: "Rebuild", doing: "Rebuilding", done: "Rebuilt" },
  "instance.delete": { noun: "Delete instance", doing: "Deleting", done: "Deleted" },
  "image.build": { noun: "Build image", doing: "Building", done: "Built" },
  "host.remove": { noun: "Remove host", doing: "Removing", done: "Removed" },
};

export const OPERATION_STATE: Record<OperationState, { label: string; tone: Tone; active: boolean }> = {
  pending: { label: "Queued", tone: "quiet", active: true },
  running: { label: "Running", tone: "accent", active: true },
  waiting: { label: "Waiting", tone: "warn", active: true },
  succeeded: { label: "Succeeded", tone: "good", active: false },
  failed: { label: "Failed", tone: "bad", active: false },
  cancelled: { label: "Cancelled", tone: "quiet", active: false },
};

export function hasEnded(state: OperationState): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

/** What a toast says of it: in place while it goes on, then once how it ended. */
export function operationSentence(operation: OperationView): string {
  const words = OPERATION_WORDS[operation.kind];
  const what = operation.instanceName ?? "";
  switch (operation.state) {
    case "pending":
    case "running":
    case "waiting":
      return `${words.doing} ${what}…`.replace(/ …$/, "…");
    case "succeeded":
      return `${words.done} ${what}`.trim();
    case "failed":
      return `${words.noun} failed${what === "" ? "" : `: ${what}`}`;
    case "cancelled":
      return `${words.noun} was cancelled${what === "" ? "" : `: ${what}`}`;
  }
}
