import type { ui as source } from "../en/ui";
import type { Translation } from "../messages";

export const ui: Translation<typeof source> = {};
