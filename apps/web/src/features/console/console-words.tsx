import type { ReactNode } from "react";
import type { useTranslations } from "use-intl/react";
import type { Messages } from "@/locales/messages";

/** For words about consoles that are made outside components. */
export type ConsoleWords = ReturnType<typeof useTranslations<"console">>;

type Closed = keyof Messages["console"]["closed"];

/** Why a console is not connected: one of ours, or what the server said. */
export type ConsoleSentence =
  | { readonly say: Exclude<Closed, "shareEndedBecause"> }
  | { readonly say: "shareEndedBecause"; readonly words: string }
  | { readonly given: string };

export function sentenceOf(t: ConsoleWords, sentence: ConsoleSentence): ReactNode {
  if ("given" in sentence) return <span lang="en">{sentence.given}</span>;
  return sentence.say === "shareEndedBecause" ? t("closed.shareEndedBecause", { words: sentence.words }) : t(`closed.${sentence.say}`);
}
