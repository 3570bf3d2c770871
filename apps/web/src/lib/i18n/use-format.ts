"use client";

import { useMemo } from "react";
import { useLocale, useTranslations } from "use-intl/react";
import { type Format, formatFor } from "./format";

/** Numbers and times in the language of the page. */
export function useFormat(): Format {
  const locale = useLocale();
  const t = useTranslations("format");
  return useMemo(() => formatFor(locale, t), [locale, t]);
}
