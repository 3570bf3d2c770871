import type { audit as source } from "../en/audit";
import type { Translation } from "../messages";

export const audit: Translation<typeof source> = {};
