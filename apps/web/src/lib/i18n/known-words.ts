import { INPUT_WORDS } from "@indium/contract/plain/input-words";
import { SHARE_WORDS } from "@indium/contract/plain/share-words";
import { OWN_WORDS } from "./own-words";

/**
 * Sentences that are written in English outside the language files and are yet ours to say in any language: what the contract's schemas
 * find wrong with an input, what the holder of a link to a console is told, and what the browser says when the centre said nothing. Each is known by its English.
 * More than a page needs: pages get the translations from the server (compiled-messages.ts), by the English they stand for.
 */
export const KNOWN_WORDS = {
  ...INPUT_WORDS,
  ...SHARE_WORDS,
  ...OWN_WORDS,
} as const;

const KEYS: ReadonlyMap<string, keyof typeof KNOWN_WORDS> = new Map(
  Object.entries(KNOWN_WORDS).map(([key, english]) => [english, key as keyof typeof KNOWN_WORDS]),
);

/** Null for a sentence that is not one of ours: it is shown as it came, in English. */
export function knownKey(english: string): keyof typeof KNOWN_WORDS | null {
  return KEYS.get(english) ?? null;
}
