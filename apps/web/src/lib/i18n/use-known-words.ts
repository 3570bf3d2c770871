"use client";

import { createContext, useCallback, useContext } from "react";

/** The page's language for sentences that reach it in English, by these (known-words.ts); in English there is nothing to say otherwise. */
export const KnownWords = createContext<Readonly<Record<string, string>>>({});

/** A known sentence in the language of the page; any other as it came. */
export type Say = (english: string) => string;

export function useKnownWords(): Say {
  const known = useContext(KnownWords);
  return useCallback((english) => (Object.hasOwn(known, english) ? (known[english] ?? english) : english), [known]);
}
