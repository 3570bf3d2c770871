"use client";

import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import type { Messages } from "@/locales/messages";

/** For words about consoles that are made outside components. */
export type ConsoleWords = ReturnType<typeof useTranslations<"console">>;

type Closed = keyof Messages["console"]["closed"];

/** Why a console is not connected: one of ours, or what the server said. */
export type ConsoleSentence =
  | { readonly say: Exclude<Closed, "shareEndedBecause"> }
  | { readonly say: "shareEndedBecause"; readonly words: string }
  | { readonly given: string };

export function Sentence({ of: sentence }: { of: ConsoleSentence }): ReactNode {
  const t = useTranslations("console");
  const say = useKnownWords();
  if ("given" in sentence) {
    const words = say(sentence.given);
    return <span lang={words === sentence.given ? "en" : undefined}>{words}</span>;
  }
  return sentence.say === "shareEndedBecause" ? t("closed.shareEndedBecause", { words: say(sentence.words) }) : t(`closed.${sentence.say}`);
}
