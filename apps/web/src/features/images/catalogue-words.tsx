"use client";

import { useTranslations } from "use-intl/react";
import { catalogueKey } from "@/lib/i18n/catalogue-words";

/** What a catalogue says about an image: in the language of the page where it is ours, else as it came, and said to be English. */
export function useCatalogueWords(): (english: string) => string {
  const t = useTranslations("images.catalogue");
  return (english) => {
    const key = catalogueKey(english);
    return key === null ? english : t(key);
  };
}

export function CatalogueWords({ english }: { english: string }) {
  const say = useCatalogueWords();
  return <span lang={catalogueKey(english) === null ? "en" : undefined}>{say(english)}</span>;
}
