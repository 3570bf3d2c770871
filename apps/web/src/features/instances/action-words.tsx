import type { InstanceAction } from "@indium/contract/states";
import { Pause, Play, Power, PowerOff, RefreshCcwDot, RotateCcw, RotateCw, SquareTerminal, StepForward, Trash2 } from "lucide-react";
import type { ReactNode } from "react";

/** Actions that a press of a button asks for; opening a console is a page, and changes of the machine are forms. Their names: `instances.actions`. */
export type PowerAction = Exclude<InstanceAction, "openConsole" | "resize" | "rebuild">;

export const ACTION_ICON: Record<PowerAction, ReactNode> = {
  start: <Play aria-hidden />,
  stop: <Power aria-hidden />,
  forceStop: <PowerOff aria-hidden />,
  reboot: <RotateCw aria-hidden />,
  reset: <RotateCcw aria-hidden />,
  pause: <Pause aria-hidden />,
  resume: <StepForward aria-hidden />,
  reprovision: <RefreshCcwDot aria-hidden />,
  delete: <Trash2 aria-hidden />,
};

export const CONSOLE_ICON = <SquareTerminal aria-hidden />;
