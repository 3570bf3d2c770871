import type { InstanceAction } from "@indium/contract/states";
import { Pause, Play, Power, PowerOff, RefreshCcwDot, RotateCcw, RotateCw, SquareTerminal, StepForward, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { ReprovisionConsequences } from "./reprovision-consequences";

/** Actions that a press of a button asks for; opening a console is a page, and changes of the machine are forms. */
export type PowerAction = Exclude<InstanceAction, "openConsole" | "resize" | "rebuild">;

interface ActionWords {
  label: string;
  icon: ReactNode;
  /** Asked before, when the guest's unsaved work is at stake. `name` is the instance's. */
  confirm?: { title: (name: string) => string; description: string; details?: ReactNode; confirmLabel: string };
}

export const ACTION_WORDS: Record<PowerAction, ActionWords> = {
  start: { label: "Start", icon: <Play aria-hidden /> },
  stop: { label: "Stop", icon: <Power aria-hidden /> },
  forceStop: {
    label: "Force stop",
    icon: <PowerOff aria-hidden />,
    confirm: {
      title: (name) => `Force ${name} to stop?`,
      description: "Like pulling the plug: the guest gets no chance to save its work. Its disk stays.",
      confirmLabel: "Force stop",
    },
  },
  reboot: { label: "Reboot", icon: <RotateCw aria-hidden /> },
  reset: {
    label: "Reset",
    icon: <RotateCcw aria-hidden />,
    confirm: {
      title: (name) => `Reset ${name}?`,
      description: "Like the reset button: the guest starts over at once and gets no chance to save its work. Its disk stays.",
      confirmLabel: "Reset",
    },
  },
  pause: { label: "Pause", icon: <Pause aria-hidden /> },
  resume: { label: "Resume", icon: <StepForward aria-hidden /> },
  reprovision: {
    label: "Re-provision…",
    icon: <RefreshCcwDot aria-hidden />,
    confirm: {
      title: (name) => `Re-provision ${name}?`,
      description: "The guest starts over as if it were new, on the disk it has.",
      details: <ReprovisionConsequences />,
      confirmLabel: "Re-provision",
    },
  },
  delete: {
    label: "Delete",
    icon: <Trash2 aria-hidden />,
    confirm: {
      title: (name) => `Delete ${name}?`,
      description: "The instance, its disk with everything on it, and its addresses go for good. Nobody can bring them back.",
      confirmLabel: "Delete instance",
    },
  },
};

export const CONSOLE_ICON = <SquareTerminal aria-hidden />;
