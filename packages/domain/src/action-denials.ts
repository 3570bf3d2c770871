/**
 * Why an action is not allowed, as the API says it to a person: here, so that the dashboard can say the same in other languages (it
 * looks a sentence up by its English).
 */
export const ACTION_DENIALS = {
  creating: "The instance is being created. Wait until that has ended.",
  starting: "The instance is starting. Wait until that has ended.",
  pausing: "The instance is being paused. Wait until that has ended.",
  resuming: "The instance is resuming. Wait until that has ended.",
  stopping: "The instance is stopping. Wait until that has ended.",
  rebooting: "The instance is rebooting. Wait until that has ended.",
  restarting: "The instance is being started again after a crash. Wait until that has ended.",
  resizing: "The instance is being resized. Wait until that has ended.",
  rebuilding: "The instance is being rebuilt. Wait until that has ended.",
  deleting: "The instance is being deleted.",
  deleted: "The instance is deleted.",
  alreadyRunning: "The instance is already running.",
  alreadyPaused: "The instance is already paused.",
  alreadyStopped: "The instance is already stopped.",
  notPaused: "The instance is not paused.",
  sizedAtStart: "Processors, memory and disk are given to a guest at its start. Stop the instance, then resize it.",
  pausedStart: "The instance is paused. Resume it instead.",
  pausedStop: "A paused guest cannot shut down by itself. Resume it first, or force it to stop.",
  pausedReboot: "A paused guest cannot reboot by itself. Resume it first, or reset it.",
  pausedReprovision: "A paused guest cannot reboot by itself. Resume it first.",
  stopped: "The instance is stopped.",
  stoppedStart: "The instance is stopped. Start it instead.",
  stoppedConsole: "The instance is stopped. Start it to open its console.",
  crashedStart: "The host is already starting it again.",
  crashedResize: "The host is starting it again after a crash. Stop the instance, then resize it.",
  failed: "The instance failed. Start it to try again; its timeline says why.",
  failedResize: "The instance failed. Stop it first, so that nothing of it runs any more; then resize it.",
  unknown: "The host cannot be reached, so nobody knows whether the instance runs. The action waits for a host that answers.",
  unknownResize: "The host cannot be reached, so nobody knows whether the instance runs. Resize it when the host is back.",
  unknownRebuild: "The host cannot be reached, so nobody knows whether the instance runs. Rebuild it when the host is back.",
} as const;

export type ActionDenial = (typeof ACTION_DENIALS)[keyof typeof ACTION_DENIALS];
