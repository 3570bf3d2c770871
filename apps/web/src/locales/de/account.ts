import type { account as source } from "../en/account";
import type { Translation } from "../messages";

export const account: Translation<typeof source> = {};
