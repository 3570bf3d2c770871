import type { metrics as source } from "../en/metrics";
import type { Translation } from "../messages";

export const metrics: Translation<typeof source> = {};
