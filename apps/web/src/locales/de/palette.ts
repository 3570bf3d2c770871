import type { palette as source } from "../en/palette";
import type { Translation } from "../messages";

export const palette: Translation<typeof source> = {};
