import type { userData as source } from "../en/user-data";
import type { Translation } from "../messages";

export const userData: Translation<typeof source> = {
  label: "User-Data",
  hint: "cloud-config (beginnt mit #cloud-config) oder ein Skript (beginnt mit #!). Läuft einmal, beim ersten Start.",
  examples: "Beispiele",
  replaced: "Das Beispiel hat den bisherigen Text ersetzt.",
  putBack: "Wiederherstellen",
  good: {
    "cloud-config": "Als cloud-config gelesen. Keine Probleme gefunden.",
    script: "Als Skript gelesen. Keine Probleme gefunden.",
    unknown: "Kein Format, das cloud-init bekanntermaßen liest. Keine Probleme gefunden.",
  },
  findings: "Befunde",
  error: "Fehler",
  warning: "Warnung",
  yamlOnly: "Nur das YAML wird geprüft: Diese Installation konnte das Schema von cloud-init nicht von Debian beziehen.",
  checked:
    "Geprüft gegen das Schema von cloud-init {version}, aus Debian. Ein Gast mit einer anderen Version nimmt vielleicht mehr oder weniger an.",
  example: {
    packages: { name: "Pakete installieren", about: "Aktualisiert die Listen und das System, installiert" },
    users: { name: "Benutzer und SSH-Schlüssel", about: "Eine Person mit sudo, eine ohne Passwort" },
    files: { name: "Dateien schreiben", about: "Mit Eigentümer und Rechten" },
    commands: { name: "Befehle ausführen", about: "Am Ende des ersten Starts, der Reihe nach" },
    web: { name: "Webserver", about: "nginx mit einer eigenen Seite" },
    docker: { name: "Docker", about: "Aus Debians Paketen, mit einem Container" },
    swap: { name: "Swap und Zeitzone", about: "Swap-Datei, Uhr, automatische Aktualisierungen" },
    script: { name: "Shell-Skript", about: "Läuft einmal als root, am Ende des ersten Starts" },
  },
};
