import type { shell as source } from "../en/shell";
import type { Translation } from "../messages";

export const shell: Translation<typeof source> = {
  userMenu: {
    label: "Konto von {name}",
    theme: "Farben",
    themes: { system: "Wie das System", light: "Hell", dark: "Dunkel" },
    language: "Sprache",
    signOut: "Abmelden",
  },
  nav: {
    label: "Hauptmenü",
    overview: "Übersicht",
    instances: "Instanzen",
    hosts: "Hosts",
    images: "Images",
    networks: "Netzwerke",
    securityGroups: "Sicherheitsgruppen",
    sshKeys: "SSH-Schlüssel",
    sizes: "Größen",
    operations: "Vorgänge",
    audit: "Protokoll",
    settings: "Einstellungen",
  },
  frame: {
    skip: "Zum Inhalt",
    openMenu: "Menü öffnen",
    menu: "Menü",
    breadcrumb: "Pfad",
  },
  switcher: {
    label: "Organisation: {name}. Organisation wechseln",
    organizations: "Organisationen",
    sites: "Standorte von {name}",
  },
  denial:
    "Die Rolle {role, select, owner {Eigentümer} admin {Admin} operator {Operator} other {Betrachter}} in {organization} umfasst das nicht. Ein Admin dort kann helfen.",
  session: { failed: "Die Sitzung konnte nicht geladen werden", loading: "Indium wird geladen …" },
  noOrganization: {
    title: "Keine solche Organisation",
    description: "Es gibt sie nicht, oder dieses Konto ist dort nicht Mitglied. Ein Admin der Organisation kann dazu einladen.",
    go: "Zur eigenen Organisation",
  },
  nothingHere: {
    title: "Hier ist nichts",
    description: "Die Adresse ist falsch, oder das Ziel gibt es nicht mehr.",
    go: "Zu Indium",
  },
  broken: {
    title: "Diese Seite ist abgestürzt",
    description: "Hosts und Instanzen sind davon nicht betroffen.",
    descriptionLogged: "Hosts und Instanzen sind davon nicht betroffen. Im Log steht es unter {digest}.",
  },
  inNone: {
    title: "In keiner Organisation",
    description: "Einen Admin um einen Einladungslink bitten, dann wiederkommen.",
  },
  about: "Die eigene Cloud auf den eigenen Maschinen.",
};
