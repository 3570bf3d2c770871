import type { account as source } from "../en/account";
import type { Translation } from "../messages";

export const account: Translation<typeof source> = {
  you: "Dieses Konto",
  emailHint: "Damit meldet man sich an.",
  password: {
    description: "Eine Änderung meldet dieses Konto überall sonst ab.",
    current: "Bisheriges Passwort",
    next: "Neues Passwort",
    again: "Neues Passwort wiederholen",
    change: "Passwort ändern",
    differ: "Die beiden neuen Passwörter sind verschieden.",
    changed: "Passwort geändert",
    elsewhere: "Überall sonst ist dieses Konto abgemeldet.",
  },
};
