"use client";

import { type ReactNode, useMemo } from "react";
import { IntlProvider, useLocale, useMessages } from "use-intl/react";
import type { Messages } from "@/locales/messages";
import type { Locale } from "./locale";

interface LocaleProviderProps {
  locale: Locale;
  /** Some rooms of the language's (words.tsx). Their types promise all: that what is asked for is there is tested. */
  messages: Partial<Messages>;
  children: ReactNode;
}

export function LocaleProvider({ locale, messages, children }: LocaleProviderProps) {
  // Dates are written by the browser, in its own time zone (lib/i18n/use-format.ts): this one is never shown.
  return (
    <IntlProvider locale={locale} messages={messages as Messages} timeZone="UTC">
      {children}
    </IntlProvider>
  );
}

/** Within: the words of the page beside those that are there already. */
export function MoreWords({ messages, children }: Omit<LocaleProviderProps, "locale">) {
  const around = useMessages();
  const all = useMemo(() => ({ ...around, ...messages }), [around, messages]);
  return (
    <LocaleProvider locale={useLocale()} messages={all}>
      {children}
    </LocaleProvider>
  );
}
