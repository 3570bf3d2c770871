import type { Messages } from "@/locales/messages";

/** A room of the language files: one of `features/`, or what all share. */
export type Room = keyof Messages;

/** What every document carries: the root layout's, for pages that fail or are not there. */
export const ROOT_ROOMS = ["common", "format", "shell", "ui"] as const satisfies readonly Room[];
