import type { sites as source } from "../en/sites";
import type { Translation } from "../messages";

export const sites: Translation<typeof source> = {};
