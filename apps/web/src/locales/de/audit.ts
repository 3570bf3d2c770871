import type { audit as source } from "../en/audit";
import type { Translation } from "../messages";

export const audit: Translation<typeof source> = {
  title: "Protokoll",
  tableLabel: "Audit-Protokoll",
  what: "Audit-Protokoll",
  description: "Wer was womit getan hat, von wo aus, und wie es ausging. Hier wird nie etwas geändert oder gelöscht.",
  notYours: "Kein Zugang",
  line: "<actor>{who}</actor> <rest>· {words}: <target>{what}</target></rest>",
  lineAlone: "<actor>{who}</actor> <rest>· {words}</rest>",
  columns: {
    what: "Was",
    result: "Ergebnis",
    from: "Von",
    when: "Wann",
    filter: "Filter",
  },
  onlyThis: "Nur dies",
  onlyDoneTo: "Nur, was {name} betrifft",
  nothingLike: {
    title: "Nichts dergleichen",
    description: "Kein Ereignis passt zu diesem Filter.",
  },
  nothing: {
    title: "Noch nichts",
    description: "Was hier jemand ändert, wird aufgeschrieben.",
  },
  newest: "Neueste",
  older: "Ältere",
  theseNewest: "Das sind die neuesten.",
  noOlder: "Ältere gibt es nicht.",
  filter: {
    label: "Audit-Protokoll filtern",
    where: "Von",
    organization: "Diese Organisation",
    installation: "Die Installation",
    who: "Wer",
    everybody: "Alle",
    nobody: "Niemand angemeldet",
    what: "Was",
    everything: "Alles",
    from: "Ab",
    until: "Bis",
    onlyTarget: "Nur {target} ×",
    noLongerOnly: "Nicht mehr nur {target}",
    clear: "Leeren",
  },
  results: {
    success: "Erledigt",
    failed: "Fehlgeschlagen",
    denied: "Verweigert",
  },
  actions: {
    account: {
      changePassword: "Passwort geändert",
      update: "Konto geändert",
    },
    audit: {
      export: "Audit-Protokoll als Datei geholt",
    },
    console: {
      createShare: "Konsole geteilt",
      revokeShare: "Teilen einer Konsole beendet",
    },
    enrolment: {
      create: "Installationsbefehl erzeugt",
      revoke: "Installationsbefehl zurückgenommen",
    },
    host: {
      allowPair: "einem anderen Host erlaubt zu erreichen:",
      cordon: "Host gesperrt",
      enrol: "Host aufgenommen",
      remove: "Host entfernt",
      rename: "Host umbenannt",
      revokePair: "einem anderen Host nicht mehr erlaubt zu erreichen:",
      uncordon: "Sperre des Hosts aufgehoben",
    },
    image: {
      create: "Image hinzugefügt",
      delete: "Image gelöscht",
      evict: "Kopie des Images von einem Host entfernt",
    },
    installation: {
      restore: "Datenbank aus einer Sicherung wiederhergestellt",
    },
    instance: {
      console: {
        closed: "Konsole geschlossen",
        control: "Steuerung einer Konsole übernommen",
        opened: "Konsole geöffnet",
        refused: "Konsole verweigert",
        ticket: "Konsole angefordert",
      },
      create: "Instanz angelegt",
      delete: "Instanz gelöscht",
      discardSecrets: "Ersetzte Geheimnisse verworfen",
      forceStop: "Stopp erzwungen",
      pause: "Pausiert",
      rebuild: "Neu aufgesetzt",
      reboot: "Neu gestartet",
      replaceSecrets: "Passwort oder User-Data ersetzt",
      reprovision: "Neu eingerichtet",
      reset: "Zurückgesetzt",
      resize: "Größe geändert",
      resume: "Fortgesetzt",
      setSecurityGroups: "Sicherheitsgruppen geändert",
      start: "Gestartet",
      stop: "Gestoppt",
      update: "Name, Schlüssel oder Tags geändert",
    },
    invitation: {
      accept: "Einladung angenommen",
      create: "Jemanden eingeladen",
      revoke: "Einladung zurückgenommen",
    },
    member: {
      remove: "Mitglied entfernt",
      updateRole: "Rolle geändert",
    },
    network: {
      create: "Netzwerk angelegt",
      delete: "Netzwerk gelöscht",
    },
    organization: {
      create: "Organisation angelegt",
      update: "Organisation geändert",
      updateProvider: "Verwaltung der Organisation geändert",
    },
    relay: {
      forgery: "Gefälschtes im Namen des Hosts eingereicht",
    },
    securityGroup: {
      create: "Sicherheitsgruppe angelegt",
      delete: "Sicherheitsgruppe gelöscht",
      update: "Sicherheitsgruppe geändert",
    },
    session: {
      create: "Angemeldet",
    },
    setup: {
      complete: "Installation eingerichtet",
    },
    site: {
      create: "Standort angelegt",
      delete: "Standort gelöscht",
      update: "Standort umbenannt",
    },
    size: {
      create: "Größe angelegt",
      delete: "Größe gelöscht",
    },
    sshKey: {
      create: "SSH-Schlüssel hinzugefügt",
      delete: "SSH-Schlüssel gelöscht",
    },
  },
};
