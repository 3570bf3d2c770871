import type { members as source } from "../en/members";
import type { Translation } from "../messages";

export const members: Translation<typeof source> = {};
