import type { instancesBulk as source } from "../en/instances-bulk";
import type { Translation } from "../messages";

export const instancesBulk: Translation<typeof source> = {
  bar: {
    label: "Ausgewählte Instanzen",
    selected: "{count} ausgewählt",
    selectAll: "Alle {count} angezeigten auswählen",
    clear: "Auswahl aufheben",
  },
  names: { two: "{first} und {last}", more: "{names} und {count} weitere" },
  act: {
    start: "{count, plural, one {# Instanz} other {# Instanzen}} starten",
    stop: "{count, plural, one {# Instanz} other {# Instanzen}} stoppen",
    reboot: "{count, plural, one {# Instanz} other {# Instanzen}} neu starten",
    delete: "{count, plural, one {# Instanz} other {# Instanzen}} löschen",
  },
  ask: {
    stop: {
      one: "{name} stoppen?",
      many: "{count, plural, one {# Instanz} other {# Instanzen}} stoppen?",
      consequence:
        "Jeder Gast wird gebeten, herunterzufahren; wer es nach 90 Sekunden nicht getan hat, wird zwangsweise gestoppt. Datenträger bleiben erhalten.",
    },
    reboot: {
      one: "{name} neu starten?",
      many: "{count, plural, one {# Instanz} other {# Instanzen}} neu starten?",
      consequence: "Jeder Gast wird gebeten, neu zu starten. Was sie anbieten, ist währenddessen nicht erreichbar.",
    },
    delete: {
      one: "{name} löschen?",
      many: "{count, plural, one {# Instanz} other {# Instanzen}} löschen?",
      consequence:
        "Die Instanzen, ihre Datenträger mit allem darauf und ihre Adressen gehen endgültig verloren. Niemand kann sie zurückholen.",
    },
  },
  typeToDelete: "{count} löschen",
  leftAlone: "Unberührt",
  countLeftAlone: "{count, plural, one {# Instanz bleibt} other {# Instanzen bleiben}} unberührt",
  sendNoMore: "Nichts weiter anfordern",
  summary: {
    start: "{done} von {total} gestartet",
    stop: "{done} von {total} gestoppt",
    reboot: "{done} von {total} neu gestartet",
    delete: "{done} von {total} gelöscht",
    underWay: "{count} im Gange",
    failed: "{count} nicht",
    skipped: "{count} nicht angefordert",
  },
  results: "Ergebnisse",
  queued: "In der Warteschlange",
  skipped: "Nicht angefordert",
  refused: "Abgelehnt",
  waiting: "Wartet",
  failed: "Fehlgeschlagen",
  cancelled: "Abgebrochen",
  doing: { start: "Wird gestartet", stop: "Wird gestoppt", reboot: "Wird neu gestartet", delete: "Wird gelöscht" },
  done: { start: "Gestartet", stop: "Gestoppt", reboot: "Neu gestartet", delete: "Gelöscht" },
};
