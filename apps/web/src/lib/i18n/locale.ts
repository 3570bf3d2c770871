/** The languages the dashboard is complete in. English is where every message is first written. */
export const LOCALES = ["en", "de"] as const;
export type Locale = (typeof LOCALES)[number];

/** How dates are written in each. */
export const DATE_LOCALES: Readonly<Record<Locale, string>> = { en: "en-GB", de: "de-DE" };

export const LOCALE_COOKIE = "indium-locale";

export function parseLocale(value: string | undefined): Locale | null {
  return LOCALES.find((locale) => locale === value) ?? null;
}

/** What the person chose, else the first language of theirs (`Accept-Language`) that there is, else English. */
export function pickLocale(chosen: string | undefined, acceptLanguage: string | null): Locale {
  return parseLocale(chosen) ?? fromHeader(acceptLanguage ?? "") ?? "en";
}

/** RFC 9110, 12.5.4. The header is from outside: what cannot be read is passed over. */
function fromHeader(header: string): Locale | null {
  const wished = header
    .slice(0, 500)
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().split(";");
      const quality = parameters
        .map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1])
        .find((found) => found !== undefined);
      return { language: tag.trim().toLowerCase().split("-")[0], quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    // Sorting is stable: of equal wishes the one named first.
    .sort((a, b) => b.quality - a.quality);
  for (const { language } of wished) {
    const found = parseLocale(language);
    if (found !== null) return found;
  }
  return null;
}
