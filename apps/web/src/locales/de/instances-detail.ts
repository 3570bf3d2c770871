import type { instancesDetail as source } from "../en/instances-detail";
import type { Translation } from "../messages";

export const instancesDetail: Translation<typeof source> = {
  what: "diese Instanz",
  loading: "Diese Instanz wird geladen …",
  deleted: { title: "{name} ist gelöscht", description: "Datenträger und Adressen sind vom Host verschwunden." },
  missing: { title: "Keine solche Instanz", description: "Vielleicht wurde sie gelöscht, oder sie gehört einer anderen Organisation." },
  all: "Alle Instanzen",
  unreachable: {
    title: "{host} ist nicht erreichbar",
    titleUnnamed: "Ihr Host ist nicht erreichbar",
    description:
      "Niemand weiß, ob die Instanz läuft. Hier steht, was der Host zuletzt gesagt hat; es wird berichtigt, sobald der Host antwortet.",
  },
  problem: {
    failed: "{name} ist auf {host} fehlgeschlagen",
    failedUnnamed: "{name} ist auf ihrem Host fehlgeschlagen",
    crashed: "{name} ist abgestürzt; ihr Host startet sie erneut",
    other: "Der letzte Versuch ist nicht gelungen",
  },
  about: "Über {name}",
  tabs: {
    overview: "Übersicht",
    console: "Konsole",
    serial: "Seriell",
    timeline: "Verlauf",
    metrics: "Messwerte",
    networking: "Netzwerk",
    disks: "Datenträger",
    settings: "Einstellungen",
    danger: "Gefahrenzone",
  },
  aboutTitle: "Über die Instanz",
  serialPort: "Serielle Schnittstelle",
  ownPage: "Auf eigener Seite öffnen",
  danger: {
    rebuildTitle: "Diese Instanz neu aufsetzen",
    rebuildDescription:
      "Ein neuer Datenträger aus demselben oder einem anderen Image, mit gleicher ID, gleichem Namen und gleichen Adressen. Was auf dem jetzigen Datenträger ist, geht verloren.",
    rebuild: "Neu aufsetzen …",
    deleteTitle: "Diese Instanz löschen",
    deleteDescription: "Ihr Datenträger und alles darauf gehen mit ihr verloren. Es gibt keinen Weg zurück.",
    delete: "Instanz löschen",
  },
  facts: {
    shape: "{vcpus, plural, one {# vCPU} other {# vCPUs}}, {memory}, {disk} Datenträger",
    shapeNamed: "{size}: {vcpus, plural, one {# vCPU} other {# vCPUs}}, {memory}, {disk} Datenträger",
    notPlaced: "Noch nicht platziert",
    inSite: "<host></host> <quiet>in {site}</quiet>",
    upFor: "Laufzeit",
    access: "Zugang",
    sshKeys: "SSH: {names}",
    password: "Passwort für {user}",
    noAccess: "kein Schlüssel, kein Passwort",
    firmware: "Firmware",
    secureBoot: "{firmware} mit Secure Boot",
    withTpm: "{firmware}, TPM 2.0",
    withDesktop: "{firmware}, für einen Desktop",
    metadata: "Metadaten",
    tokensOnly: "{dialect}, nur mit Sitzungstoken",
    userData: "User-Data",
    userDataGiven: "angegeben",
    createdBy: "<when></when> von {user}",
    id: "ID",
    copyId: "ID kopieren",
    tags: "Tags",
    cpu: "CPU",
    memoryHeld: "Arbeitsspeicher auf dem Host",
    memoryOf: "{held} von {whole}",
  },
  ssh: {
    title: "Über SSH anmelden",
    answering: "Antwortet",
    notAnswering: "Antwortet noch nicht",
    copy: "SSH-Befehl kopieren",
  },
  networking: {
    label: "Netzwerkschnittstellen",
    none: "Sie ist mit keinem Netzwerk verbunden.",
    noGroups: "keine: nichts wird gefiltert",
    changeGroups: "Sicherheitsgruppen an {network} ändern",
    copyIpv4: "IPv4-Adresse kopieren",
    copyIpv6: "IPv6-Adresse kopieren",
    fromDhcp: "vom DHCP des LANs, noch nicht gesehen",
    byDhcp: "per DHCP",
    changeTitle: "Sicherheitsgruppen ändern",
    changeDescription: "Von {instance} an {network}. Verbindungen, die erlaubt bleiben, werden nicht getrennt.",
    groupsWhat: "Sicherheitsgruppen",
    notSaved: "Nicht gespeichert",
  },
  refused: {
    title: "Abgewiesener Verkehr",
    on: "An {network} abgewiesen",
    nothing: "Es wurde nichts abgewiesen.",
    again: "Neu zählen",
    counted: {
      droppedMac:
        "{count, plural, one {# Frame mit der MAC einer anderen NIC abgewiesen} other {# Frames mit der MAC einer anderen NIC abgewiesen}}",
      droppedVlan: "{count, plural, one {# Frame mit VLAN-Tag abgewiesen} other {# Frames mit VLAN-Tag abgewiesen}}",
      droppedType:
        "{count, plural, one {# Frame, der weder IP noch ARP ist, abgewiesen} other {# Frames, die weder IP noch ARP sind, abgewiesen}}",
      droppedArp:
        "{count, plural, one {# ARP-Nachricht in fremdem Namen abgewiesen} other {# ARP-Nachrichten in fremdem Namen abgewiesen}}",
      droppedIpv4:
        "{count, plural, one {# Paket mit fremder IPv4-Adresse abgewiesen} other {# Pakete mit fremder IPv4-Adresse abgewiesen}}",
      droppedIpv6:
        "{count, plural, one {# Paket mit fremder IPv6-Adresse abgewiesen} other {# Pakete mit fremder IPv6-Adresse abgewiesen}}",
      droppedLinkLocal:
        "{count, plural, one {# Paket mit fremder fe80::-Adresse abgewiesen} other {# Pakete mit fremder fe80::-Adresse abgewiesen}}",
      droppedRouter:
        "{count, plural, one {# Router-Ankündigung oder -Umleitung abgewiesen} other {# Router-Ankündigungen oder -Umleitungen abgewiesen}}",
      droppedServer: "{count, plural, one {# DHCP-Server-Nachricht abgewiesen} other {# DHCP-Server-Nachrichten abgewiesen}}",
      droppedSourceRoute: "{count, plural, one {# Paket mit Quellrouting abgewiesen} other {# Pakete mit Quellrouting abgewiesen}}",
      droppedFragment: "{count, plural, one {# irreführendes Fragment abgewiesen} other {# irreführende Fragmente abgewiesen}}",
      droppedFlood:
        "{count, plural, one {# Paket über dem Limit des Metadatendienstes abgewiesen} other {# Pakete über dem Limit des Metadatendienstes abgewiesen}}",
      droppedImpersonation:
        "{count, plural, one {# Nachricht, die sich als Metadatendienst ausgibt, abgewiesen} other {# Nachrichten, die sich als Metadatendienst ausgeben, abgewiesen}}",
      droppedOut:
        "{count, plural, one {# ausgehendes Paket von den Sicherheitsgruppen abgewiesen} other {# ausgehende Pakete von den Sicherheitsgruppen abgewiesen}}",
      droppedIn:
        "{count, plural, one {# eingehendes Paket von den Sicherheitsgruppen abgewiesen} other {# eingehende Pakete von den Sicherheitsgruppen abgewiesen}}",
      metadataConnections:
        "{count, plural, one {# Verbindung zu viel zum Metadatendienst abgewiesen} other {# Verbindungen zu viel zum Metadatendienst abgewiesen}}",
      metadataRequests: "{count, plural, one {# Metadaten-Anfrage zu viel abgewiesen} other {# Metadaten-Anfragen zu viel abgewiesen}}",
      metadataOversized:
        "{count, plural, one {# übergroße Metadaten-Anfrage abgewiesen} other {# übergroße Metadaten-Anfragen abgewiesen}}",
      metadataSlow:
        "{count, plural, one {# Metadaten-Verbindung beendet, weil sie zu langsam war} other {# Metadaten-Verbindungen beendet, weil sie zu langsam waren}}",
    },
  },
  disks: {
    notAsked: "Der Host wurde nicht gefragt",
    byRecord: "Laut Aufzeichnung hat sie einen Datenträger von {size}, erstellt aus {image}.",
    none: "Sie hat noch keinen Datenträger: Er wird beim ersten Start erstellt, {size} groß.",
    root: "Root-Datenträger",
    old: "Alter Datenträger",
    oldTitle: "Alter Datenträger, wird bald entfernt",
    used: "Auf dem Host belegt",
    usedOf: "{used} von höchstens {whole}",
    id: "ID",
    copyId: "ID des Datenträgers kopieren",
    capacity: "Kapazität",
    capacityValue: "{size}, wie der Gast es sieht",
    format: "Format",
    qcow2: "qcow2: belegt auf dem Host Platz, während geschrieben wird",
    raw: "raw: belegt sofort den ganzen Platz",
    madeFrom: "Erstellt aus",
    madeFromNothing: "nichts: steht für sich allein",
    imageHash: "SHA-256 des Images",
    copyImageHash: "Hash des Images kopieren",
    file: "Datei auf {host}",
    fileUnnamed: "Datei auf dem Host",
    copyFile: "Pfad der Datei kopieren",
    readsFrom: "Liest aus",
    copyImagePath: "Pfad des Images kopieren",
    explanation:
      "Die Datei enthält, was der Gast seit ihrer Erstellung geschrieben hat; der Rest wird aus der Kopie des Images daneben gelesen, die sich viele Instanzen teilen. Wer das eine ohne das andere kopiert, kopiert keinen Datenträger.",
    again: "Erneut nachsehen",
  },
  findings: {
    label: "Warum sie hängt",
    openConsole: "Ihre Konsole öffnen",
    seen: "Gesehen <when></when>. {next}",
    lines: "Zeilen des seriellen Protokolls",
    screens: {
      finding: "Der Bildschirm zu diesem Zeitpunkt (<when></when>)",
      crashed: "Der letzte Bildschirm vor dem Absturz (<when></when>)",
      guest_stopped: "Der letzte Bildschirm vor dem eigenen Herunterfahren (<when></when>)",
    },
    pictures: {
      finding: "Der Bildschirm zu diesem Zeitpunkt. Was darauf steht, ist auch im seriellen Protokoll, wenn der Gast dorthin schreibt.",
      crashed: "Der letzte Bildschirm vor dem Absturz. Was darauf steht, ist auch im seriellen Protokoll, wenn der Gast dorthin schreibt.",
      guest_stopped:
        "Der letzte Bildschirm vor dem eigenen Herunterfahren. Was darauf steht, ist auch im seriellen Protokoll, wenn der Gast dorthin schreibt.",
    },
    pictureGone: "Ihr Host hat das Bild nicht mehr.",
  },
};
