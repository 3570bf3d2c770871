import type { overview as source } from "../en/overview";
import type { Translation } from "../messages";

export const overview: Translation<typeof source> = {
  title: "Übersicht",
  whatFleet: "der gesamte Bestand",
  whatHosts: "Hosts",
  whatOperations: "Vorgänge",
  addHost: "Host hinzufügen",
  createInstance: "Instanz anlegen",
  first: {
    title: "Die erste Instanz anlegen",
    description:
      "Eine virtuelle Maschine auf eigener Hardware. Alles ist sinnvoll voreingestellt: zweimal auf „Anlegen“ drücken und wenige Sekunden später anmelden.",
  },
  hosts: {
    title: "Hosts",
    all: "{count, plural, one {# Host} other {Alle # Hosts}}",
    none: "Noch keine Hosts",
    noneHint:
      "Instanzen brauchen eine Maschine, auf der sie laufen. Jede Maschine mit Debian oder Ubuntu wird mit einem einzigen Befehl dazu.",
  },
  instances: {
    title: "Instanzen",
    all: "{count, plural, one {# Instanz} other {Alle # Instanzen}}",
    byState: "Instanzen nach Zustand",
  },
  operations: {
    title: "Letzte Vorgänge",
    all: "Alle Vorgänge",
    none: "Bisher wurde nichts angefordert.",
  },
  images: {
    title: "{name} wird aus den Paketen der Distribution gebaut",
    once: "Das dauert einmalig einige Minuten.",
    meanwhile: "Das dauert einmalig einige Minuten. Inzwischen steht {name} zum Ausprobieren bereit.",
    building: "{name} wird gebaut",
  },
  attention: {
    title: "Braucht Aufmerksamkeit",
    well: "<b>Alles in Ordnung.</b> <about>{hosts, plural, one {# Host} other {# Hosts}} online, {running, plural, one {# Instanz läuft} other {# Instanzen laufen}}.</about>",
    more: "und {count} weitere.",
    hostUnreachable:
      "<name></name> {instances, plural, =0 {ist nicht erreichbar} one {ist nicht erreichbar; der Zustand von # Instanz dort ist unbekannt} other {ist nicht erreichbar; der Zustand von # Instanzen dort ist unbekannt}}",
    instanceFailed: "<name></name> ist fehlgeschlagen: <message></message>",
    instanceCrashed: "<name></name> ist abgestürzt und wird neu gestartet: <message></message>",
    guestFinding: "<name></name> kommt nicht weiter: {finding}",
    storageLow: "<name></name> hat kaum noch Platz für Datenträger: {used} belegt",
  },
  sites: {
    title: "Standorte",
    titleAll: "Standorte aller Organisationen",
    organization: "Organisation",
    site: "Standort",
    hosts: "Hosts",
    instances: "Instanzen",
    none: "keine",
    byState: "Instanzen von {site} nach Zustand",
    memoryPromised: "Arbeitsspeicher zugesagt",
    memory: "Arbeitsspeicher",
    storage: "Speicherplatz",
    online: "{count} online",
    away: "{away} von {total} nicht erreichbar",
    cordoned: "{count} gesperrt",
  },
};
