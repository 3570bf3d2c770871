"use client";

import { LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import { useLocale, useTranslations } from "use-intl/react";
import { signOut } from "@/features/shell/sign-out";
import { chooseLocale } from "@/lib/i18n/choose-locale";
import { MenuItem, MenuRadioGroup, MenuSeparator } from "@/ui/dropdown-menu";
import { LANGUAGES } from "./languages";
import { applyTheme, currentTheme, type Theme } from "./theme";

const THEMES = [
  { value: "system", icon: <Monitor aria-hidden /> },
  { value: "light", icon: <Sun aria-hidden /> },
  { value: "dark", icon: <Moon aria-hidden /> },
] as const satisfies readonly { value: Theme; icon: ReactNode }[];

export function UserMenuItems() {
  const t = useTranslations("shell.userMenu");
  const router = useRouter();
  const locale = useLocale();
  const [theme, setTheme] = useState<Theme>("system");
  useEffect(() => setTheme(currentTheme()), []);
  return (
    <>
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
    </>
  );
}
