import type { networks as source } from "../en/networks";
import type { Translation } from "../messages";

export const networks: Translation<typeof source> = {};
