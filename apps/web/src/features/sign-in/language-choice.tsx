"use client";

import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "use-intl/react";
import { LANGUAGES } from "@/features/shell/languages";
import { chooseLocale } from "@/lib/i18n/choose-locale";
import { cn } from "@/ui/cn";

/** For pages without a user menu. What was typed stays. */
export function LanguageChoice() {
  const t = useTranslations("shell.userMenu");
  const locale = useLocale();
  const router = useRouter();
  return (
    <fieldset className="mt-10 flex gap-1">
      <legend className="sr-only">{t("language")}</legend>
      {LANGUAGES.map(({ value, label }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === locale}
          onClick={() => {
            chooseLocale(value);
            router.refresh();
          }}
          className={cn(
            "rounded px-2 py-1 text-[0.8125rem] hover:bg-hover hover:text-ink",
            value === locale ? "font-medium text-ink" : "text-ink-3",
          )}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}
