import type { images as source } from "../en/images";
import type { Translation } from "../messages";

export const images: Translation<typeof source> = {
  title: "Images",
  what: "Images",
  description:
    "Womit die Datenträger von Instanzen beginnen. Ein Host lädt ein Image herunter, sobald er es zum ersten Mal braucht, und prüft seinen Hash.",
  none: "Keine Images",
  noneHint: "Ein Cloud-Image über seine Adresse hinzufügen.",
  name: "Name",
  states: { ready: "Bereit", building: "Wird gebaut", failed: "Fehlgeschlagen", available: "Verfügbar" },
  copyStates: {
    absent: "Noch nicht da",
    downloading: "Wird heruntergeladen",
    verifying: "Wird geprüft",
    ready: "Bereit",
    failed: "Fehlgeschlagen",
  },
  dialects: {
    openstack: {
      name: "OpenStack",
      about:
        "Wird von cloud-init, cloudbase-init und Ignition verstanden; statische Adressen schon vor dem Start des Netzwerks. Auch die Pfade von EC2 werden beantwortet.",
    },
    ec2: {
      name: "Amazon EC2",
      about: "Für Images, die für AWS gemacht sind. Adressen kommen per DHCP, nur IPv4; das Passwort wird mit den User-Data übertragen.",
    },
    digitalocean: {
      name: "DigitalOcean",
      about: "Kommt ganz ohne DHCP aus. Eingerichtet werden eine Schnittstelle mit und eine ohne Weg nach außen.",
    },
    nocloud: {
      name: "NoCloud über HTTP",
      about: "Nur für cloud-init. Adressen kommen per DHCP; statische ab cloud-init 24.3.",
    },
  },
  card: {
    origins: { built: "Hier gebaut", catalogue: "Offizielles Cloud-Image", url: "Über Adresse hinzugefügt" },
    user: "Benutzer {name}",
    needs: "braucht {memory}",
    metadataAs: "Metadaten als {dialect}.",
    metadataAsTokens: "Metadaten als {dialect}, nur mit Sitzungstoken.",
    building: "{name} wird gebaut",
    failed: "Konnte nicht erstellt werden",
    notBooted: "von uns noch nicht gestartet",
    noCloudInit: "ohne cloud-init",
    pinnedLater: "Sein Hash wird beim ersten Herunterladen festgehalten.",
    hash: "sha256",
    copyHash: "SHA-256 von {name} kopieren",
    delete: "{name} löschen",
    copies: "Kopien von {name} auf Hosts",
    copyOn: "{name} auf {host}",
    sizeIn: "{size} in {path}",
  },
  add: {
    title: "Image hinzufügen",
    description:
      "Ein qcow2- oder Raw-Image auf einem Webserver. Der Host, der es braucht, lädt es herunter, prüft, ob es ein Datenträger-Image ist, und hält seinen Hash fest.",
    address: "Adresse",
    nameHint: "Ohne Namen heißt es wie die Datei.",
    hash: "SHA-256",
    hashHint: "Damit wird nichts anderes angenommen.",
    defaultUser: "Standardbenutzer",
    firmware: "Firmware",
    cloudInit: "Mit cloud-init",
    cloudInitHint: "Damit Schlüssel, Passwort und User-Data ankommen.",
    metadata: "Metadaten: {dialect}",
    dialect: "Seine Instanzen sehen",
  },
  delete: {
    description:
      "Es lässt sich nicht mehr auswählen, und seine Kopien auf Hosts verschwinden, sobald keine Instanz sie braucht. Damit angelegte Instanzen bleiben.",
    confirm: "Image löschen",
  },
  evict: {
    done: "{name} von {host} entfernt",
    freed: "{size} sind wieder frei.",
    inUse: "{count, plural, one {# Instanz auf {host} beruht darauf.} other {# Instanzen auf {host} beruhen darauf.}}",
    open: "Kopie von {name} von {host} entfernen",
    notWhole: "Es gibt keine vollständige Kopie, die entfernt werden könnte.",
    title: "{name} von {host} entfernen?",
    description:
      "Der Host lädt das Image erneut herunter, sobald dort die nächste Instanz daraus entsteht. Zurzeit beruht dort keine darauf.",
    confirm: "Kopie entfernen",
  },
};
