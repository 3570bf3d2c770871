import type { hosts as source } from "../en/hosts";
import type { Translation } from "../messages";

export const hosts: Translation<typeof source> = {};
