import type { InstanceListItem, TimelineStepView } from "@indium/contract/api/instance-views";
import type { StepState } from "@indium/contract/states";

export interface TimelineRow {
  readonly createdAt: Date;
  readonly desired: string;
  readonly host: { readonly name: string; readonly simulated: boolean } | null;
  readonly guestAgent: string;
  readonly steps: readonly {
    readonly boot: number;
    readonly step: string;
    readonly state: string;
    readonly startedAt: Date;
    readonly endedAt: Date | null;
    readonly message: string | null;
    readonly detail: string | null;
    readonly progressDone: bigint | null;
    readonly progressTotal: bigint | null;
    readonly progressUnit: string | null;
  }[];
}

const ORDER = ["placed", "image", "disk", "network", "start", "metadata", "guest", "ssh"];

/**
 * The newest boot's steps in the order in which they build on each other (the host does some at once). The first boot's are told from the moment the instance was asked for, with what led to
 * it; a later one's from its own first step. What is still expected is listed as pending.
 */
export function timelineOf(row: TimelineRow, state: InstanceListItem["state"]): TimelineStepView[] {
  const latest = Math.max(0, ...row.steps.map((step) => step.boot));
  const startedBefore = row.steps.some((step) => step.boot < latest && step.step === "start");
  const shown = row.steps
    .filter((step) => step.boot === latest || !startedBefore)
    .sort((left, right) => rank(left.step) - rank(right.step) || left.startedAt.getTime() - right.startedAt.getTime());
  const base = startedBefore ? (shown[0]?.startedAt ?? row.createdAt) : row.createdAt;
  const views = shown.map(
    (step): TimelineStepView => ({
      step: step.step,
      label: labelOf(step.step, row),
      state: step.state as StepState,
      startedAt: step.startedAt,
      endedAt: step.endedAt,
      atSeconds: Math.max(0, ((step.endedAt ?? step.startedAt).getTime() - base.getTime()) / 1_000),
      message: step.message,
      detail: step.detail,
      progress:
        step.progressDone === null
          ? null
          : {
              done: Number(step.progressDone),
              total: step.progressTotal === null ? null : Number(step.progressTotal),
              unit: step.progressUnit === "steps" ? "steps" : "bytes",
            },
    }),
  );
  const isUnderWay = state === "creating" || state === "starting" || state === "running" || state === "rebooting";
  if (!isUnderWay || row.desired !== "running" || views.some((view) => view.state === "failed")) return views;
  const known = new Set(views.map((view) => view.step));
  const expected = [
    ...(startedBefore ? [] : ["image", "disk", "network"]),
    "start",
    ...(row.guestAgent === "cloud-init" ? ["metadata", "ssh"] : []),
  ];
  // An instance whose boot was never told of (adopted, or reported before this list was kept) has nothing pending.
  if (state === "running" && !known.has("start")) return views;
  return [
    ...views,
    ...expected
      .filter((step) => !known.has(step))
      .map(
        (step): TimelineStepView => ({
          step,
          label: labelOf(step, row),
          state: "pending",
          startedAt: null,
          endedAt: null,
          atSeconds: null,
          message: null,
          detail: null,
          progress: null,
        }),
      ),
  ];
}

const rank = (step: string): number => ORDER.indexOf(step.startsWith("guest:") ? "guest" : step);

function labelOf(step: string, row: TimelineRow): string {
  switch (step) {
    case "placed":
      return row.host === null ? "Placed" : `Placed on ${row.host.name}`;
    case "image":
      return "Image ready";
    case "disk":
      return "Disk made";
    case "network":
      return "Network and metadata up";
    case "start":
      return row.host?.simulated === true ? "Started (simulated)" : "QEMU started";
    case "metadata":
      return "Metadata first fetched";
    case "ssh":
      return "SSH answering";
    default:
      return GUEST_LABELS[step] ?? `cloud-init: ${step.replace(/^guest:(.*\/)?(config-)?/, "")}`;
  }
}

/** cloud-init's boot stages by the names its reporting uses (cloudinit/cmd/main.py). */
const GUEST_LABELS: Readonly<Record<string, string>> = {
  "guest:init-local": "cloud-init: local stage",
  "guest:init-network": "cloud-init: network stage",
  "guest:modules-config": "cloud-init: configuration",
  "guest:modules-final": "cloud-init: final stage",
};
