import type { sshKeys as source } from "../en/ssh-keys";
import type { Translation } from "../messages";

export const sshKeys: Translation<typeof source> = {};
