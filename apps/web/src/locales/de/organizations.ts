import type { organizations as source } from "../en/organizations";
import type { Translation } from "../messages";

export const organizations: Translation<typeof source> = {};
