import { cookies, headers } from "next/headers";
import { createTranslator } from "use-intl/core";
import { compiledMessages } from "./compiled-messages";
import { LOCALE_COOKIE, type Locale, pickLocale } from "./locale";

/** The language of the page that is being rendered. */
export async function requestLocale(): Promise<Locale> {
  return pickLocale((await cookies()).get(LOCALE_COOKIE)?.value, (await headers()).get("accept-language"));
}

/** For what is not a component: a page's title. */
export async function requestTranslator() {
  const locale = await requestLocale();
  return createTranslator({ locale, messages: compiledMessages(locale), timeZone: "UTC" });
}
