"use client";

import { Columns2, Monitor, SquareTerminal } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "@/ui/button";
import { cn } from "@/ui/cn";

export const CONSOLE_VIEWS = ["screen", "serial", "both"] as const;
export type ConsoleView = (typeof CONSOLE_VIEWS)[number];

const LOOKS: Record<ConsoleView, { label: string; icon: ReactNode }> = {
  screen: { label: "Screen", icon: <Monitor aria-hidden /> },
  serial: { label: "Serial port", icon: <SquareTerminal aria-hidden /> },
  both: { label: "Screen and serial port", icon: <Columns2 aria-hidden /> },
};

export function ViewChoice({ value, onChange }: { value: ConsoleView; onChange: (view: ConsoleView) => void }) {
  return (
    <fieldset aria-label="What is shown" className="flex rounded-md border border-line">
      {CONSOLE_VIEWS.map((view) => (
        <IconButton
          key={view}
          size="iconSm"
          label={LOOKS[view].label}
          aria-pressed={value === view}
          className={cn(value === view && "bg-accent-soft text-accent-ink")}
          onClick={() => onChange(view)}
        >
          {LOOKS[view].icon}
        </IconButton>
      ))}
    </fieldset>
  );
}
