import { z } from "zod";
import { DISPLAYED_STATES, HOST_STATES, OPERATION_STATES, PLACEMENT_STRATEGIES } from "./plain/states";

/** What users may ask for: stable states only. `gone` is a tombstone, kept until the host confirms. */
export const DesiredState = z.enum(["running", "stopped", "paused", "gone"]);
export type DesiredState = z.infer<typeof DesiredState>;

/**
 * What the agent observes of a VM. Transitional states are observed, never asked for.
 *
 * - `absent`: the host holds nothing of it yet.
 * - `preparing`: image, disk or network being made.
 * - `crashed`: QEMU died by itself; the agent starts it again with back-off.
 * - `failed`: the agent gave up; `error` says why. A new generation tries again.
 * - `gone`: deleted here, nothing left.
 */
export const ObservedState = z.enum([
  "absent",
  "preparing",
  "starting",
  "running",
  "paused",
  "stopping",
  "rebooting",
  "stopped",
  "crashed",
  "failed",
  "deleting",
  "gone",
]);
export type ObservedState = z.infer<typeof ObservedState>;

/** What people see; computed by `displayedState` in domain and nowhere else. */
export const DisplayedState = z.enum(DISPLAYED_STATES);
export type DisplayedState = z.infer<typeof DisplayedState>;

export const InstanceAction = z.enum([
  "start",
  "stop",
  "forceStop",
  "reboot",
  "reset",
  "pause",
  "resume",
  "reprovision",
  "resize",
  "rebuild",
  "delete",
  "openConsole",
]);
export type InstanceAction = z.infer<typeof InstanceAction>;

export const OperationState = z.enum(OPERATION_STATES);
export type OperationState = z.infer<typeof OperationState>;

export const StepState = z.enum(["pending", "running", "succeeded", "failed", "skipped"]);
export type StepState = z.infer<typeof StepState>;

/** `pending`: enrolled, never linked. A host is `online` while its lease lives; afterwards `unreachable`, never "stopped". */
export const HostState = z.enum(HOST_STATES);
export type HostState = z.infer<typeof HostState>;

/** Of new instances: each on the emptiest host, or few hosts filled one after the other. */
export const PlacementStrategy = z.enum(PLACEMENT_STRATEGIES);
export type PlacementStrategy = z.infer<typeof PlacementStrategy>;

export const Role = z.enum(["owner", "admin", "operator", "viewer"]);
export type Role = z.infer<typeof Role>;
