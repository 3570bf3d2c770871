import type { ui as source } from "../en/ui";
import type { Translation } from "../messages";

export const ui: Translation<typeof source> = {
  whatItSaid: "Die Meldung dazu",
  copied: "Kopiert",
  closeMenu: "Menü schließen",
  optional: "optional",
  showPassword: "Passwort zeigen",
  hidePassword: "Passwort verbergen",
  confirm: {
    typeToConfirm: "Zur Bestätigung <shown>{name}</shown> eingeben",
    typeFirst: "Zuerst oben {name} eingeben.",
  },
  editor: {
    leaving: "Tab rückt ein. Um den Editor mit der Tastatur zu verlassen, <escape>Esc</escape> und dann <tab>Tab</tab> drücken.",
  },
  toast: { region: "Benachrichtigungen ({hotkey})", notification: "Benachrichtigung", dismiss: "Ausblenden" },
  chart: {
    overTime: "{title} im Verlauf",
    notMeasured: "nicht gemessen",
  },
};
