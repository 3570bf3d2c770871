import type { ReactNode } from "react";
import type { Locale } from "@/lib/i18n/locale";

/** Each in itself: whoever looks for theirs may not read the present one. */
export const LANGUAGES = [
  { value: "en", label: <span lang="en">English</span> },
  { value: "de", label: <span lang="de">Deutsch</span> },
] as const satisfies readonly { value: Locale; label: ReactNode }[];
