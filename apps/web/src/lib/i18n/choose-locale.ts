import { LOCALE_COOKIE, type Locale } from "./locale";

/** The server reads the cookie at the next render: `router.refresh()` after this shows the page in the language. */
export function chooseLocale(locale: Locale): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing from Safari and from plain http
  document.cookie = `${LOCALE_COOKIE}=${locale}; path=/; max-age=31536000; samesite=lax`;
}
