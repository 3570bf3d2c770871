/**
 * The closed lists of states and actions, without their schemas: what a page of the dashboard needs of them, at no cost of a validator's
 * hundred kilobytes. `../states` makes the schemas of them.
 */
export const DISPLAYED_STATES = [
  "creating",
  "starting",
  "running",
  "pausing",
  "paused",
  "resuming",
  "stopping",
  "stopped",
  "rebooting",
  "crashed",
  "failed",
  "deleting",
  "deleted",
  "unknown",
] as const;

export const OPERATION_STATES = ["pending", "running", "waiting", "succeeded", "failed", "cancelled"] as const;

export const HOST_STATES = ["pending", "online", "unreachable", "revoked"] as const;

export const PLACEMENT_STRATEGIES = ["spread", "pack"] as const;

/** What may be asked of many instances at once. */
export const BULK_ACTIONS = ["start", "stop", "reboot", "delete"] as const;
