import type { setup as source } from "../en/setup";
import type { Translation } from "../messages";

export const setup: Translation<typeof source> = {
  title: "Indium einrichten",
  description: "Drei Angaben, und die eigene Cloud läuft. Alles lässt sich später ändern.",
  pageTitle: "Einrichten",
  noLink: {
    title: "Den Einrichtungslink öffnen",
    waiting: "Dieses Indium wartet darauf, eingerichtet zu werden",
    how: "Den einmaligen Link öffnen, den <command>npm start</command> ausgegeben hat. Nach einem neuen Start gibt es einen neuen aus.",
  },
  used: "Schon eingerichtet",
  broken: "Dieser Link funktioniert nicht",
  checking: "Der Link wird geprüft …",
  you: {
    title: "Das eigene Konto",
    description: "Das erste Konto. Es verwaltet diese Installation.",
  },
  organization: {
    title: "Die eigene Organisation",
    description: "Wem die Maschinen gehören. Andere werden dazu eingeladen.",
    name: "Name der Organisation",
  },
  site: {
    title: "Der erste Standort",
    description: "Ein Ort, an dem Hosts stehen: ein Büro, ein Keller, ein Rechenzentrum.",
    name: "Name des Standorts",
  },
  submit: "Einrichten",
};
