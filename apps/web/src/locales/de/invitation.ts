import type { invitation as source } from "../en/invitation";
import type { Translation } from "../messages";

export const invitation: Translation<typeof source> = {};
