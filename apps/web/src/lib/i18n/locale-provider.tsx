"use client";

import { type ReactNode, useMemo } from "react";
import { IntlProvider, useLocale, useMessages } from "use-intl/react";
import type { Messages } from "@/locales/messages";
import type { Locale } from "./locale";
import { KnownWords } from "./use-known-words";

interface MoreWordsProps {
  /** Some rooms of the language's (words.tsx). Their types promise all: that what is asked for is there is tested. */
  messages: Partial<Messages>;
  children: ReactNode;
}

interface LocaleProviderProps extends MoreWordsProps {
  locale: Locale;
  /** By their English. */
  known: Readonly<Record<string, string>>;
}

export function LocaleProvider({ locale, messages, known, children }: LocaleProviderProps) {
  // Dates are written by the browser, in its own time zone (lib/i18n/use-format.ts): this one is never shown.
  return (
    <IntlProvider locale={locale} messages={messages as Messages} timeZone="UTC">
      <KnownWords.Provider value={known}>{children}</KnownWords.Provider>
    </IntlProvider>
  );
}

/** Within: the words of the page beside those that are there already. */
export function MoreWords({ messages, children }: MoreWordsProps) {
  const around = useMessages();
  const all = useMemo(() => ({ ...around, ...messages }), [around, messages]);
  return (
    <IntlProvider locale={useLocale()} messages={all} timeZone="UTC">
      {children}
    </IntlProvider>
  );
}
