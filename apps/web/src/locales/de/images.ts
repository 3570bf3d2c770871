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
  catalogue: {
    debian13: "Das allgemeine Cloud-Image von Debian zur aktuellen stabilen Version (trixie).",
    debian12: "Das allgemeine Cloud-Image von Debian zu bookworm.",
    ubuntu2404: "Das Server-Cloud-Image von Canonical zu noble, mit Langzeitunterstützung.",
    ubuntu2204: "Das Server-Cloud-Image von Canonical zu jammy, mit Langzeitunterstützung.",
    almalinux: "Das allgemeine Cloud-Image von AlmaLinux; der Prozessor muss x86-64-v2 beherrschen.",
    rocky: "Das allgemeine Cloud-Image von Rocky Linux; der Prozessor muss x86-64-v2 beherrschen.",
    fedora: "Fedora Cloud Base, allgemein. Fedora benennt jede Version für sich: Diese Adresse ist Version 44, nicht „latest“.",
    alpine: "Cloud-Image von Alpine mit cloud-init (das allgemeine, denn das nocloud-Image fragt keinen Metadatendienst).",
    opensuse: "openSUSE Minimal VM für Clouds, mit cloud-init.",
    debianBuilt:
      "Auf dieser Maschine aus den Paketen von Debian erstellt, mit cloud-init. Braucht außer einem Debian-Spiegel kein Internet.",
    tiny: "Kernel und busybox in 14 MB: startet in ein bis zwei Sekunden, zum Ausprobieren. Anmelden als root.",
    cloudInit25:
      "cloud-init 25 liest Schlüssel, Passwort, Skript und statische IPv4- und IPv6-Adressen schon in seiner ersten Stufe von OpenStack.",
    cloudInit22:
      "cloud-init 22.4 liest Schlüssel, Passwort, Skript und statische IPv4- und IPv6-Adressen schon in seiner ersten Stufe von OpenStack.",
    cloudInitBuilt:
      "Sein cloud-init 22.4 liest Schlüssel, Passwort, Skript und statische Adressen schon in seiner ersten Stufe von OpenStack.",
    canonicalTests: "Canonical testet seine Cloud-Images auf OpenStack; Adressen werden vor dem Start des Netzwerks eingerichtet.",
    madeForOpenStack: "Das allgemeine Cloud-Image ist für OpenStack gemacht, statische Adressen eingeschlossen.",
    looksForAll: "Das allgemeine Image sucht nach jeder Cloud; nur OpenStack gibt ihm auch statisches IPv6.",
    cloudFlavour: "Die Cloud-Variante von Minimal VM ist die für OpenStack gemachte.",
    ownScripts: "Seine eigenen kleinen Startskripte fragen OpenStack und sonst nichts.",
    chosen: "Beim Hinzufügen des Images gewählt.",
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
