import type { signIn as source } from "../en/sign-in";
import type { Translation } from "../messages";

export const signIn: Translation<typeof source> = {};
