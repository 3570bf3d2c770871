import type { instances as source } from "../en/instances";
import type { Translation } from "../messages";

export const instances: Translation<typeof source> = {};
