import type { instancesDenials as source } from "../en/instances-denials";
import type { Translation } from "../messages";

export const instancesDenials: Translation<typeof source> = {
  states: {
    creating: "Die Instanz wird gerade angelegt. Abwarten, bis das beendet ist.",
    starting: "Die Instanz startet gerade. Abwarten, bis das beendet ist.",
    pausing: "Die Instanz wird gerade pausiert. Abwarten, bis das beendet ist.",
    resuming: "Die Instanz wird gerade fortgesetzt. Abwarten, bis das beendet ist.",
    stopping: "Die Instanz wird gerade gestoppt. Abwarten, bis das beendet ist.",
    rebooting: "Die Instanz startet gerade neu. Abwarten, bis das beendet ist.",
    restarting: "Die Instanz wird nach einem Absturz erneut gestartet. Abwarten, bis das beendet ist.",
    resizing: "Die Größe der Instanz wird gerade geändert. Abwarten, bis das beendet ist.",
    rebuilding: "Die Instanz wird gerade neu aufgesetzt. Abwarten, bis das beendet ist.",
    deleting: "Die Instanz wird gerade gelöscht.",
    deleted: "Die Instanz ist gelöscht.",
    alreadyRunning: "Die Instanz läuft bereits.",
    alreadyPaused: "Die Instanz ist bereits pausiert.",
    alreadyStopped: "Die Instanz ist bereits gestoppt.",
    notPaused: "Die Instanz ist nicht pausiert.",
    sizedAtStart:
      "Prozessoren, Arbeitsspeicher und Datenträger bekommt ein Gast bei seinem Start. Die Instanz zuerst stoppen, dann ihre Größe ändern.",
    pausedStart: "Die Instanz ist pausiert. Stattdessen fortsetzen.",
    pausedStop: "Ein pausierter Gast kann nicht selbst herunterfahren. Zuerst fortsetzen oder den Stopp erzwingen.",
    pausedReboot: "Ein pausierter Gast kann nicht selbst neu starten. Zuerst fortsetzen oder zurücksetzen.",
    pausedReprovision: "Ein pausierter Gast kann nicht selbst neu starten. Zuerst fortsetzen.",
    stopped: "Die Instanz ist gestoppt.",
    stoppedStart: "Die Instanz ist gestoppt. Stattdessen starten.",
    stoppedConsole: "Die Instanz ist gestoppt. Sie muss laufen, damit sich ihre Konsole öffnen lässt.",
    crashedStart: "Der Host startet sie bereits erneut.",
    crashedResize: "Der Host startet sie nach einem Absturz erneut. Die Instanz zuerst stoppen, dann ihre Größe ändern.",
    failed: "Die Instanz ist fehlgeschlagen. Starten, um es erneut zu versuchen; ihr Verlauf sagt, warum.",
    failedResize: "Die Instanz ist fehlgeschlagen. Zuerst stoppen, damit nichts mehr von ihr läuft; dann ihre Größe ändern.",
    unknown: "Der Host ist nicht erreichbar, darum weiß niemand, ob die Instanz läuft. Die Aktion wartet auf einen Host, der antwortet.",
    unknownResize: "Der Host ist nicht erreichbar, darum weiß niemand, ob die Instanz läuft. Die Größe ändern, wenn der Host zurück ist.",
    unknownRebuild: "Der Host ist nicht erreichbar, darum weiß niemand, ob die Instanz läuft. Neu aufsetzen, wenn der Host zurück ist.",
  },
  role: "Als {role, select, owner {Eigentümer} admin {Admin} operator {Operator} other {Betrachter}} von {organization} ist es nicht erlaubt, {what, select, delete {Instanzen zu löschen} console {Konsolen zu öffnen} other {Instanzen zu starten, zu stoppen oder zu ändern}}. Eigentümer und Admins können eine stärkere Rolle vergeben.",
  roleThroughProvider:
    "Als {role, select, owner {Eigentümer} admin {Admin} operator {Operator} other {Betrachter}} über den Anbieter von {organization} ist es nicht erlaubt, {what, select, delete {Instanzen zu löschen} console {Konsolen zu öffnen} other {Instanzen zu starten, zu stoppen oder zu ändern}}. Eigentümer und Admins können eine stärkere Rolle vergeben.",
};
