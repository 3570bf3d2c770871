import { createTranslator, type NamespaceKeys, type NestedKeyOf } from "use-intl/core";
import { type Messages, messagesOf } from "@/locales/messages";
import { type Format, formatFor } from "./format";
import type { Locale } from "./locale";

/** What `useTranslations` gives, for tests of words that are made outside components. A message that is missing throws. */
export function translatorFor<const Namespace extends NamespaceKeys<Messages, NestedKeyOf<Messages>>>(
  namespace: Namespace,
  locale: Locale = "en",
) {
  return createTranslator({
    locale,
    messages: messagesOf(locale) as Messages,
    namespace,
    timeZone: "UTC",
    onError: (error) => {
      throw error;
    },
  });
}

export function testFormat(locale: Locale = "en"): Format {
  return formatFor(locale, translatorFor("format", locale));
}
