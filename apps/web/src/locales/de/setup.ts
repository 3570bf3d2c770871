import type { setup as source } from "../en/setup";
import type { Translation } from "../messages";

export const setup: Translation<typeof source> = {};
