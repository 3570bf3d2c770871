import type { shell as source } from "../en/shell";
import type { Translation } from "../messages";

export const shell: Translation<typeof source> = {
  userMenu: {
    label: "Konto von {name}",
    theme: "Farben",
    themes: { system: "Wie das System", light: "Hell", dark: "Dunkel" },
    language: "Sprache",
    signOut: "Abmelden",
  },
};
