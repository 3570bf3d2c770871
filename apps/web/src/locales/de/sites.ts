import type { sites as source } from "../en/sites";
import type { Translation } from "../messages";

export const sites: Translation<typeof source> = {
  title: "Standorte",
  what: "Standorte",
  description: "Orte, an denen Hosts stehen.",
  new: "Neuer Standort",
  create: "Standort anlegen",
  nameFirst: "Zuerst einen neuen Namen angeben.",
  hostsStandHere: "Hier {count, plural, one {steht noch # Host. Zuerst den Host} other {stehen noch # Hosts. Zuerst die Hosts}} entfernen.",
  empty: {
    title: "Noch keine Standorte",
    description: "Ein Host braucht einen Ort: ein Büro, einen Keller, ein Rechenzentrum.",
  },
  delete: {
    description: "Dort steht kein Host mehr. Installationsbefehle für diesen Standort funktionieren nicht länger.",
    confirm: "Standort löschen",
  },
};
