import type { metrics as source } from "../en/metrics";
import type { Translation } from "../messages";

export const metrics: Translation<typeof source> = {
  title: "Messwerte",
  what: "Messwerte",
  loading: "Messwerte werden geladen …",
  range: "Zeitraum",
  ranges: {
    "1h": "Letzte Stunde",
    "6h": "Letzte 6 Stunden",
    "24h": "Letzte 24 Stunden",
    "7d": "Letzte 7 Tage",
    "30d": "Letzte 30 Tage",
    "1y": "Letztes Jahr",
  },
  rangesShort: { "1h": "1 h", "6h": "6 h", "24h": "24 h", "7d": "7 T", "30d": "30 T", "1y": "1 J" },
  charts: {
    cpu: "CPU",
    memory: "Arbeitsspeicher",
    network: "Netzwerk",
    disk: "Datenträger",
    packets: "Pakete",
    diskOperations: "Datenträgerzugriffe",
    diskSpace: "Speicherplatz",
  },
  lines: {
    used: "Genutzt",
    heldOnHost: "Auf dem Host gehalten",
    usedInGuest: "Im Gast genutzt",
    received: "Empfangen",
    sent: "Gesendet",
    read: "Gelesen",
    written: "Geschrieben",
    reads: "Lesezugriffe",
    writes: "Schreibzugriffe",
  },
  summary: {
    line: "{label}: kleinster Wert {min}, Mittel {average}, größter Wert {max}, letzter Wert {last}.",
    unmeasured: "{label}: nicht gemessen.",
  },
  awaited: {
    notPlaced: "Noch nicht platziert",
    notPlacedHint: "Gemessen wird, sobald die Instanz auf einem Host läuft.",
    unreachable: "{host} ist nicht erreichbar",
    unreachableHint:
      "Dort wird weiter gemessen. Die letzten 15 Minuten folgen, sobald die Verbindung wieder steht; was älter ist, bleibt eine Lücke.",
    first: "Warten auf den ersten Messwert",
    firstOfHost: "{host} misst alle 15 Sekunden; der erste Messwert kommt innerhalb einer Minute nach dem Start des Agenten.",
    firstOfHostOrOlder:
      "{host} misst alle 15 Sekunden; der erste Messwert kommt innerhalb einer Minute nach dem Start des Agenten. Falls nichts kommt, ist der Agent dort ({version}) zu alt: den Installationsbefehl dort noch einmal ausführen.",
    off: "{name} läuft nicht",
    offHint: "Solange sie aus ist, wird nichts gemessen. Die Linien beginnen innerhalb einer Minute nach dem Start.",
    started: "{name} ist gerade gestartet. Der erste Messwert kommt in etwa {seconds} s.",
    next: "{host} misst alle 15 Sekunden; {name} ist beim nächsten Mal dabei.",
    nothing: "In diesem Zeitraum wurde nichts gemessen",
    nothingHint: "Einen anderen Zeitraum wählen.",
  },
};
