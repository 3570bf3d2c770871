import type { DisplayedState } from "@indium/contract/states";
import { StateBadge } from "@/ui/badge";
import type { Tone } from "@/ui/tone";

export const INSTANCE_STATE: Record<DisplayedState, { label: string; tone: Tone; active: boolean }> = {
  creating: { label: "Creating", tone: "accent", active: true },
  starting: { label: "Starting", tone: "accent", active: true },
  running: { label: "Running", tone: "good", active: false },
  pausing: { label: "Pausing", tone: "accent", active: true },
  paused: { label: "Paused", tone: "warn", active: false },
  resuming: { label: "Resuming", tone: "accent", active: true },
  stopping: { label: "Stopping", tone: "accent", active: true },
  stopped: { label: "Stopped", tone: "quiet", active: false },
  rebooting: { label: "Rebooting", tone: "accent", active: true },
  crashed: { label: "Crashed", tone: "bad", active: true },
  failed: { label: "Failed", tone: "bad", active: false },
  deleting: { label: "Deleting", tone: "quiet", active: true },
  deleted: { label: "Deleted", tone: "quiet", active: false },
  unknown: { label: "Unknown", tone: "warn", active: false },
};

export function InstanceStateBadge({ state, className }: { state: DisplayedState; className?: string }) {
  const { label, tone, active } = INSTANCE_STATE[state];
  return (
    <span data-instance-state={state} className="inline-flex">
      <StateBadge tone={tone} active={active} className={className ?? ""}>
        {label}
      </StateBadge>
    </span>
  );
}

/** Whether a console has something to show in this state, or soon will again. */
export function consoleExpected(state: DisplayedState): boolean {
  switch (state) {
    case "starting":
    case "running":
    case "pausing":
    case "paused":
    case "resuming":
    case "rebooting":
    case "stopping":
    case "crashed":
      return true;
    case "creating":
    case "stopped":
    case "failed":
    case "deleting":
    case "deleted":
    case "unknown":
      return false;
  }
}
