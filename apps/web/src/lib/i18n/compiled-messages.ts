import compile from "icu-minify/compile";
import { type Messages, messagesOf } from "@/locales/messages";
import { KNOWN_WORDS } from "./known-words";
import type { Locale } from "./locale";
import type { Room } from "./rooms";

const compiled = new Map<Locale, Messages>();

/**
 * A language's messages with their ICU syntax parsed already, so that browsers carry no parser (next.config.ts puts use-intl's
 * formatter of parsed messages in the place of its parsing one). Server only: the parser is here.
 */
export function compiledMessages(locale: Locale): Messages {
  const known = compiled.get(locale);
  if (known !== undefined) return known;
  // Through JSON, because what the compiler makes has objects without a prototype, which React does not send to browsers.
  const messages = JSON.parse(JSON.stringify(compileAll(messagesOf(locale)))) as Messages;
  compiled.set(locale, messages);
  return messages;
}

export function someMessages(locale: Locale, rooms: readonly Room[]): Partial<Messages> {
  const all = compiledMessages(locale);
  return Object.fromEntries(rooms.map((room) => [room, all[room]]));
}

/** What the page's language says for sentences that are known by their English. None in English. */
export function knownWords(locale: Locale): Readonly<Record<string, string>> {
  const words = messagesOf(locale).known;
  return Object.fromEntries(
    Object.entries(KNOWN_WORDS).flatMap(([key, english]) => {
      const said = words[key as keyof typeof KNOWN_WORDS];
      return said === english ? [] : [[english, said]];
    }),
  );
}

type Tree = { readonly [key: string]: string | Tree };

function compileAll(tree: Tree): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, typeof value === "string" ? compile(value) : compileAll(value)]),
  );
}
