// An augmentation counts only where the module is imported.
import type {} from "use-intl";
import type { Locale } from "@/lib/i18n/locale";
import { DE } from "./de";
import { EN } from "./en";

/** The keys of a language file, each with any text: what a translation must have, and no more. */
export type Translation<Source> = { readonly [Key in keyof Source]: Source[Key] extends string ? string : Translation<Source[Key]> };

/** English, word for word: use-intl reads a message's arguments and tags out of its type. */
export type Messages = typeof EN;

export function messagesOf(locale: Locale): Translation<Messages> {
  switch (locale) {
    case "en":
      return EN;
    case "de":
      return DE;
  }
}

declare module "use-intl" {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}
