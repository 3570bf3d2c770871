import type { InstanceListItem, TimelineModuleView, TimelineStepView } from "@indium/contract/api/instance-views";
import type { StepState } from "@indium/contract/states";
import { moduleAbout, moduleOf, slowAfterSeconds, stageOf } from "@indium/domain/provisioning";

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

const ORDER = ["placed", "image", "disk", "network", "start", "kernel", "metadata", "guest", "login", "ssh"];
/** A guest names its stages itself: of more, the rest is not shown. */
const MOST_STAGES = 20;
const MOST_MODULES = 100;

type StepRow = TimelineRow["steps"][number];

/**
 * The newest boot's steps in the order in which they build on each other (the host does some at once). The first boot's are told from the moment the instance was asked for, with what led to
 * it; a later one's from its own first step. What is still expected is listed as pending.
 */
export function timelineOf(row: TimelineRow, state: InstanceListItem["state"]): TimelineStepView[] {
  const latest = Math.max(0, ...row.steps.map((step) => step.boot));
  const startedBefore = row.steps.some((step) => step.boot < latest && step.step === "start");
  const told = row.steps.filter((step) => step.boot === latest || !startedBefore);
  const shown = [...told.filter((step) => !step.step.startsWith("guest:")), ...stagesOf(told)].sort(
    (left, right) => rank(left.step) - rank(right.step) || left.startedAt.getTime() - right.startedAt.getTime(),
  );
  const base = startedBefore ? (shown[0]?.startedAt ?? row.createdAt) : row.createdAt;
  const views = shown.map(
    (step): TimelineStepView => ({
      step: step.step,
      label: labelOf(step.step, row),
      state: step.state as StepState,
      startedAt: step.startedAt,
      endedAt: step.endedAt,
      atSeconds: Math.max(0, ((step.endedAt ?? step.startedAt).getTime() - base.getTime()) / 1_000),
      message: wordsOf(step),
      detail: step.detail,
      progress:
        step.progressDone === null
          ? null
          : {
              done: Number(step.progressDone),
              total: step.progressTotal === null ? null : Number(step.progressTotal),
              unit: step.progressUnit === "steps" ? "steps" : "bytes",
            },
      slowAfterSeconds: slowAfterSeconds(step.step),
      fromGuest: step.step === "kernel" || step.step.startsWith("guest:"),
      modules: modulesOf(step.step, told),
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
          slowAfterSeconds: slowAfterSeconds(step),
          fromGuest: false,
          modules: [],
        }),
      ),
  ];
}

/**
 * cloud-init's stages. It knows where to report to only once its first modules have run (metadata/vendor-data.ts), so a stage may
 * be told of by its modules or its end alone: then it began with the first of them.
 */
function stagesOf(told: readonly StepRow[]): StepRow[] {
  const stages = new Map<string, StepRow>();
  for (const step of told) if (step.step.startsWith("guest:") && moduleOf(step.step) === null) stages.set(step.step, step);
  for (const step of told) {
    if (moduleOf(step.step) === null) continue;
    const name = stageOf(step.step);
    const stage = stages.get(name);
    if (stage === undefined) stages.set(name, derived(name, told));
    else if (step.startedAt < stage.startedAt) stages.set(name, { ...stage, startedAt: step.startedAt });
  }
  return [...stages.values()].sort((left, right) => left.startedAt.getTime() - right.startedAt.getTime()).slice(0, MOST_STAGES);
}

/** A stage that is known by its modules only. */
function derived(name: string, told: readonly StepRow[]): StepRow {
  const modules = told.filter((step) => stageOf(step.step) === name);
  const state =
    modules.find((step) => step.state === "failed")?.state ?? modules.find((step) => step.state === "running")?.state ?? "succeeded";
  const starts = modules.map((step) => step.startedAt.getTime());
  const ends = modules.flatMap((step) => (step.endedAt === null ? [] : [step.endedAt.getTime()]));
  return {
    boot: modules[0]?.boot ?? 0,
    step: name,
    state,
    startedAt: new Date(Math.min(...starts)),
    endedAt: state === "running" || ends.length === 0 ? null : new Date(Math.max(...ends)),
    message: null,
    detail: null,
    progressDone: null,
    progressTotal: null,
    progressUnit: null,
  };
}

/** "config-ssh ran successfully" says nothing that the tick beside it does not. */
const wordsOf = (step: StepRow): string | null =>
  !step.step.startsWith("guest:") || step.state === "failed" || step.message?.startsWith("Ended with a warning") === true
    ? step.message
    : null;

function modulesOf(stage: string, told: readonly StepRow[]): TimelineModuleView[] {
  if (!stage.startsWith("guest:")) return [];
  return told
    .filter((step) => stageOf(step.step) === stage && moduleOf(step.step) !== null)
    .sort((left, right) => left.startedAt.getTime() - right.startedAt.getTime())
    .slice(0, MOST_MODULES)
    .map((step) => {
      const name = moduleOf(step.step) ?? step.step;
      return {
        step: step.step,
        name,
        about: moduleAbout(name),
        state: step.state as StepState,
        startedAt: step.startedAt,
        endedAt: step.endedAt,
        message: wordsOf(step),
        detail: step.detail,
        slowAfterSeconds: slowAfterSeconds(step.step),
      };
    });
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
    case "kernel":
      return "Kernel started";
    case "metadata":
      return "Metadata first fetched";
    case "login":
      return "Login prompt on the serial port";
    case "ssh":
      return "SSH answering";
    default:
      return GUEST_LABELS[step] ?? `cloud-init: ${step.slice("guest:".length)}`;
  }
}

/** cloud-init's boot stages by the names its reporting uses (cloudinit/cmd/main.py). */
const GUEST_LABELS: Readonly<Record<string, string>> = {
  "guest:init-local": "cloud-init: local stage",
  "guest:init-network": "cloud-init: network stage",
  "guest:modules-config": "cloud-init: configuration",
  "guest:modules-final": "cloud-init: final stage",
};
