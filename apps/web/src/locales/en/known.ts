import { KNOWN_WORDS } from "@/lib/i18n/known-words";

export const known = KNOWN_WORDS;
