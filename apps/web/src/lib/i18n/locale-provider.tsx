"use client";

import type { ReactNode } from "react";
import { IntlProvider } from "use-intl/react";
import type { Messages } from "@/locales/messages";
import type { Locale } from "./locale";

export function LocaleProvider({ locale, messages, children }: { locale: Locale; messages: Messages; children: ReactNode }) {
  // Dates are written by the browser, in its own time zone (lib/i18n/use-format.ts): this one is never shown.
  return (
    <IntlProvider locale={locale} messages={messages} timeZone="UTC">
      {children}
    </IntlProvider>
  );
}
