import type { operations as source } from "../en/operations";
import type { Translation } from "../messages";

export const operations: Translation<typeof source> = {};
