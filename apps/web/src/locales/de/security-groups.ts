import type { securityGroups as source } from "../en/security-groups";
import type { Translation } from "../messages";

export const securityGroups: Translation<typeof source> = {};
