"use client";

import { ChevronsUpDown } from "lucide-react";
import { useTranslations } from "use-intl/react";
import { Menu } from "@/ui/dropdown-menu";
import { componentOnDemand } from "@/ui/on-demand";
import { useOrganization } from "./organization-context";

const OrganizationMenuItems = componentOnDemand(() => import("./organization-menu-items").then((module) => module.OrganizationMenuItems));

export function OrganizationSwitcher() {
  const t = useTranslations("shell.switcher");
  const current = useOrganization();
  return (
    <Menu
      align="start"
      className="w-60"
      trigger={
        <button
          type="button"
          aria-label={t("label", { name: current.name })}
          className="flex h-10 w-full min-w-0 items-center gap-2.5 rounded-lg border border-line bg-surface px-2.5 text-left shadow-card hover:bg-hover"
        >
          <span
            aria-hidden
            className="flex size-6 shrink-0 items-center justify-center rounded-md bg-accent-soft font-semibold text-accent-ink text-xs uppercase"
          >
            {current.name.slice(0, 1)}
          </span>
          <span className="min-w-0 flex-1 truncate font-medium">{current.name}</span>
          <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-ink-3" />
        </button>
      }
    >
      <OrganizationMenuItems />
    </Menu>
  );
}
