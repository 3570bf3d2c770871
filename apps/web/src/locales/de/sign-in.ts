import type { signIn as source } from "../en/sign-in";
import type { Translation } from "../messages";

export const signIn: Translation<typeof source> = {
  title: "Anmelden",
  giveEmail: "Bitte die E-Mail-Adresse angeben.",
  givePassword: "Bitte das Passwort angeben.",
  noAccount: "Noch kein Konto? Ein Eigentümer oder Admin der Organisation kann einen Einladungslink geben.",
  results: {
    wrong: "E-Mail und Passwort passen nicht zusammen. Bitte beides prüfen und noch einmal versuchen.",
    "rate-limited": "Zu viele Versuche mit diesem Konto. In einer Viertelstunde noch einmal versuchen.",
    unavailable: "Indium hat nicht geantwortet. Vielleicht startet es gerade neu; gleich noch einmal versuchen.",
  },
};
