"use client";

import { LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useLocale, useTranslations } from "use-intl/react";
import { signOut } from "@/features/shell/sign-out";
import { chooseLocale } from "@/lib/i18n/choose-locale";
import { Menu, MenuItem, MenuRadioGroup, MenuSeparator } from "@/ui/dropdown-menu";
import { LANGUAGES } from "./languages";
import { useSession } from "./organization-context";
import { applyTheme, currentTheme, type Theme } from "./theme";

const THEMES = [
  { value: "system", icon: <Monitor aria-hidden /> },
  { value: "light", icon: <Sun aria-hidden /> },
  { value: "dark", icon: <Moon aria-hidden /> },
] as const satisfies readonly { value: Theme; icon: React.ReactNode }[];

export function UserMenu() {
  const t = useTranslations("shell.userMenu");
  const { user } = useSession();
  const router = useRouter();
  const locale = useLocale();
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
      <MenuRadioGroup
        label={t("theme")}
        value={theme}
        onValueChange={(next) => {
          setTheme(next);
          applyTheme(next);
        }}
        options={THEMES.map(({ value, icon }) => ({ value, icon, label: t(`themes.${value}`) }))}
      />
      <MenuSeparator />
      <MenuRadioGroup
        label={t("language")}
        value={locale}
        onValueChange={(next) => {
          chooseLocale(next);
          router.refresh();
        }}
        options={LANGUAGES}
      />
      <MenuSeparator />
      <MenuItem icon={<LogOut aria-hidden />} onSelect={() => void signOut()}>
        {t("signOut")}
      </MenuItem>
    </Menu>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return `${words[0]?.[0] ?? "?"}${words.length > 1 ? (words.at(-1)?.[0] ?? "") : ""}`;
}
