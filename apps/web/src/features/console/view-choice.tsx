"use client";

import { Columns2, Monitor, SquareTerminal } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { IconButton } from "@/ui/button";

export const CONSOLE_VIEWS = ["screen", "serial", "both"] as const;
export type ConsoleView = (typeof CONSOLE_VIEWS)[number];

const ICON: Record<ConsoleView, ReactNode> = {
  screen: <Monitor aria-hidden />,
  serial: <SquareTerminal aria-hidden />,
  both: <Columns2 aria-hidden />,
};

export function ViewChoice({ value, onChange }: { value: ConsoleView; onChange: (view: ConsoleView) => void }) {
  const t = useTranslations("console");
  return (
    <fieldset aria-label={t("views.label")} className="flex rounded-md border border-line">
      {CONSOLE_VIEWS.map((view) => (
        <IconButton
          key={view}
          size="iconSm"
          label={t(`views.${view}`)}
          aria-pressed={value === view}
          variant={value === view ? "ghostPressed" : "ghost"}
          onClick={() => onChange(view)}
        >
          {ICON[view]}
        </IconButton>
      ))}
    </fieldset>
  );
}
