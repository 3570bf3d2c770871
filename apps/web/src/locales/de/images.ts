import type { images as source } from "../en/images";
import type { Translation } from "../messages";

export const images: Translation<typeof source> = {};
