import type { organizations as source } from "../en/organizations";
import type { Translation } from "../messages";

export const organizations: Translation<typeof source> = {
  settings: {
    title: "Einstellungen",
    documentTitle: "{section} · Einstellungen",
    organization: "Organisation",
    members: "Mitglieder",
    sites: "Standorte",
    account: "Eigenes Konto",
    installation: "Installation",
  },
  general: {
    title: "Organisation",
    description: "Wem die Hosts und Instanzen gehören.",
    nameIt: "Bitte der Organisation einen Namen geben.",
    about: "Über diese Organisation",
    id: "ID",
    copyId: "ID der Organisation kopieren",
    yourRole: "Eigene Rolle",
    ownMembersOnly: "nur den eigenen Mitgliedern",
    isProvider: "Mitglieder von {name} haben ihre Rolle auch in den Organisationen, die es verwaltet.",
  },
  placement: {
    title: "Platzierung",
    description: "Welcher Host eine neue Instanz bekommt, wenn niemand einen wählt. Was schon da ist, bleibt, wo es ist.",
    label: "Platzierung neuer Instanzen",
    spread: {
      title: "Verteilen",
      description: "Der Host mit dem meisten freien Arbeitsspeicher: So kommen sich Instanzen am wenigsten in die Quere.",
    },
    pack: {
      title: "Zusammenpacken",
      description: "Der vollste Host, der noch Platz hat: Ganze Hosts bleiben frei für große Instanzen oder zum Abschalten.",
    },
  },
  strategies: {
    spread: "Verteilen: der Host mit dem meisten freien Arbeitsspeicher",
    pack: "Zusammenpacken: der vollste Host, der noch Platz hat",
  },
  asInSettings: {
    spread: "Wie in den Einstellungen: verteilen, auf den Host mit dem meisten freien Arbeitsspeicher",
    pack: "Wie in den Einstellungen: zusammenpacken, auf den vollsten Host, der noch Platz hat",
  },
  all: {
    title: "Organisationen",
    what: "Organisationen",
    description:
      "Jede sieht nur ihre eigenen Hosts und Instanzen. Die Mitglieder eines Anbieters arbeiten auch in den Organisationen, die er verwaltet.",
    new: "Neue Organisation",
    changeManager: "Verwaltung von {name} ändern",
  },
  create: {
    description: "Dieses Konto wird Eigentümer, sofern es die Organisation nicht schon über deren Anbieter erreicht.",
    submit: "Organisation anlegen",
    nameFirst: "Zuerst der Organisation und ihrem ersten Standort einen Namen geben.",
    firstSite: "Erster Standort",
  },
  manager: {
    title: "Wer {name} verwaltet",
    noProvider: "Es gibt noch keinen Anbieter. Zuerst eine Organisation dazu machen.",
    hint: "Deren Mitglieder haben ihre Rolle auch hier.",
    nobody: "Sonst niemand",
    isProvider: "Ist ein Anbieter",
    isProviderHint: "Sie kann andere Organisationen verwalten.",
  },
};
