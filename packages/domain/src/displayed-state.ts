import type { DesiredState, DisplayedState, ObservedState } from "@indium/contract/states";

/**
 * What people see of an instance, from what was asked for, what was last observed and whether the host's lease lives.
 *
 *   no lease, something was observed      → unknown   (never "stopped": nobody knows)
 *   tombstone                             → deleting, then deleted once the host confirmed
 *   the host's transitional states        → shown as they are
 *   a stable state that is not the wish   → the transition towards the wish
 *
 * Invariant: `running` and `stopped` are only ever displayed when the host itself said so within its lease.
 */
export interface InstanceFacts {
  readonly desired: DesiredState;
  readonly desiredGeneration: number;
  /** Null until the host has reported on it for the first time. */
  readonly observed: ObservedState | null;
  readonly appliedGeneration: number;
  /** Null while it is placed on no host. */
  readonly hostLeaseAlive: boolean | null;
}

export function displayedState(facts: InstanceFacts): DisplayedState {
  const { desired, observed } = facts;
  if (desired === "gone") return observed === "gone" ? "deleted" : "deleting";
  if (observed === null || observed === "absent") return facts.hostLeaseAlive === false ? "unknown" : "creating";
  if (facts.hostLeaseAlive === false) return "unknown";
  const applied = facts.appliedGeneration >= facts.desiredGeneration;
  switch (observed) {
    case "preparing":
      return "creating";
    case "starting":
    case "stopping":
    case "rebooting":
    case "crashed":
      return observed;
    case "failed":
      // A newer wish is on its way: the failure shown would be that of the old one.
      return applied ? "failed" : desired === "running" ? "starting" : "failed";
    case "deleting":
    case "gone":
      return "deleting";
    case "running":
      return applied || desired === "running" ? "running" : desired === "paused" ? "pausing" : "stopping";
    case "paused":
      return applied || desired === "paused" ? "paused" : desired === "running" ? "resuming" : "stopping";
    case "stopped":
      return applied || desired === "stopped" ? "stopped" : "starting";
  }
}
