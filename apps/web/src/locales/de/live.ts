import type { live as source } from "../en/live";
import type { Translation } from "../messages";

export const live: Translation<typeof source> = {};
