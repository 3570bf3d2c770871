"use client";

import { LogOut, Monitor, Moon, Sun } from "lucide-react";
import { signOut } from "next-auth/react";
import { useEffect, useState } from "react";
import { paths } from "@/lib/path-builder";
import { Menu, MenuItem, MenuRadioGroup, MenuSeparator } from "@/ui/dropdown-menu";
import { useSession } from "./organization-context";
import { applyTheme, currentTheme, type Theme } from "./theme";

const THEMES = [
  { value: "system", label: "System", icon: <Monitor aria-hidden /> },
  { value: "light", label: "Light", icon: <Sun aria-hidden /> },
  { value: "dark", label: "Dark", icon: <Moon aria-hidden /> },
] as const satisfies readonly { value: Theme; label: string; icon: React.ReactNode }[];

export function UserMenu() {
  const { user } = useSession();
  const [theme, setTheme] = useState<Theme>("system");
  useEffect(() => setTheme(currentTheme()), []);
  return (
    <Menu
      align="start"
      side="top"
      className="w-60"
      trigger={
        <button
          type="button"
          aria-label={`Account of ${user.name}`}
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
      <MenuRadioGroup
        label="Theme"
        value={theme}
        onValueChange={(next) => {
          setTheme(next);
          applyTheme(next);
        }}
        options={THEMES}
      />
      <MenuSeparator />
      <MenuItem icon={<LogOut aria-hidden />} onSelect={() => void signOut({ callbackUrl: paths.signIn() })}>
        Sign out
      </MenuItem>
    </Menu>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return `${words[0]?.[0] ?? "?"}${words.length > 1 ? (words.at(-1)?.[0] ?? "") : ""}`;
}
