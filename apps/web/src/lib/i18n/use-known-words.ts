"use client";

import { useCallback } from "react";
import { useTranslations } from "use-intl/react";
import { knownKey } from "./known-words";

/** A known sentence (known-words.ts) in the language of the page; any other as it came. */
export type Say = (english: string) => string;

export function useKnownWords(): Say {
  const t = useTranslations("known");
  return useCallback(
    (english: string) => {
      const key = knownKey(english);
      return key === null ? english : t(key);
    },
    [t],
  );
}
