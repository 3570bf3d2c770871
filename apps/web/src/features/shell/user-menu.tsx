"use client";

import { useTranslations } from "use-intl/react";
import { Menu } from "@/ui/dropdown-menu";
import { componentOnDemand } from "@/ui/on-demand";
import { useSession } from "./organization-context";

const UserMenuItems = componentOnDemand(() => import("./user-menu-items").then((module) => module.UserMenuItems));

export function UserMenu() {
  const t = useTranslations("shell.userMenu");
  const { user } = useSession();
  return (
    <Menu
      align="start"
      side="top"
      className="w-60"
      trigger={
        <button
          type="button"
          aria-label={t("label", { name: user.name })}
          className="flex h-11 w-full min-w-0 items-center gap-2.5 rounded-lg px-2 text-left hover:bg-hover"
        >
          <span
            aria-hidden
            className="flex size-7 shrink-0 items-center justify-center rounded-full bg-hover font-medium text-ink-2 text-xs uppercase"
          >
            {initials(user.name)}
          </span>
          <span className="min-w-0 flex-1">
            <span className="block truncate font-medium leading-tight">{user.name}</span>
            <span className="block truncate text-ink-3 text-xs leading-tight">{user.email}</span>
          </span>
        </button>
      }
    >
      <UserMenuItems />
    </Menu>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return `${words[0]?.[0] ?? "?"}${words.length > 1 ? (words.at(-1)?.[0] ?? "") : ""}`;
}
