import type { DisplayedState } from "@indium/contract/states";
import { useTranslations } from "use-intl/react";
import { StateBadge } from "@/ui/badge";
import type { Tone } from "@/ui/tone";

/** How its badge looks; its name: `instances.states`. */
export const INSTANCE_STATE: Record<DisplayedState, { tone: Tone; active: boolean }> = {
  creating: { tone: "accent", active: true },
  starting: { tone: "accent", active: true },
  running: { tone: "good", active: false },
  pausing: { tone: "accent", active: true },
  paused: { tone: "warn", active: false },
  resuming: { tone: "accent", active: true },
  stopping: { tone: "accent", active: true },
  stopped: { tone: "quiet", active: false },
  rebooting: { tone: "accent", active: true },
  crashed: { tone: "bad", active: true },
  failed: { tone: "bad", active: false },
  deleting: { tone: "quiet", active: true },
  deleted: { tone: "quiet", active: false },
  unknown: { tone: "warn", active: false },
};

export function InstanceStateBadge({ state, className }: { state: DisplayedState; className?: string }) {
  const t = useTranslations("instances.states");
  const { tone, active } = INSTANCE_STATE[state];
  return (
    <span data-instance-state={state} className="inline-flex">
      <StateBadge tone={tone} active={active} className={className ?? ""}>
        {t(state)}
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
