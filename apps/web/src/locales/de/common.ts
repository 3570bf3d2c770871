import type { common as source } from "../en/common";
import type { Translation } from "../messages";

export const common: Translation<typeof source> = {};
