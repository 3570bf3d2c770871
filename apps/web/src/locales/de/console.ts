import type { console as source } from "../en/console";
import type { Translation } from "../messages";

export const console: Translation<typeof source> = {};
