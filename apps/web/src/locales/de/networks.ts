import type { networks as source } from "../en/networks";
import type { Translation } from "../messages";

export const networks: Translation<typeof source> = {
  title: "Netzwerke",
  what: "Netzwerke",
  description:
    "Womit Instanzen verbunden sind. Jeder Host hat ein eigenes NAT-Netzwerk. Das eigene Netz eines Hosts ändert sich nur dort, wo ausdrücklich eine Bridge aus einer seiner Schnittstellen verlangt wird.",
  create: "Netzwerk anlegen",
  empty: {
    title: "Noch keine Netzwerke",
    description: "Der erste Host bringt ein NAT-Netzwerk mit. Weitere lassen sich hier anlegen.",
  },
  kinds: {
    nat: {
      label: "NAT",
      sentence: "Ein privates Netzwerk auf dem Host. Instanzen erreichen die Außenwelt über den Host; von außen erreicht sie niemand.",
    },
    bridge: {
      label: "Bridge",
      sentence:
        "Instanzen stehen im LAN des Hosts, mit Adressen von dort: über eine Bridge auf dem Host oder eine, die er aus einer Schnittstelle macht.",
    },
    isolated: {
      label: "isoliert",
      sentence: "Instanzen erreichen einander und sonst nichts.",
    },
  },
  states: {
    pending: "Wird angelegt",
    ready: "Bereit",
    failed: "Fehlgeschlagen",
  },
  table: {
    isDefault: "Es ist das eigene Netzwerk des Hosts, das neue Instanzen verwenden.",
    inUse:
      "{count, plural, one {# Instanz verwendet es. Sie zuerst} other {# Instanzen verwenden es. Diese zuerst}} löschen oder umziehen.",
    proving: "Der Host macht aus {uplink} eine Bridge und prüft sie, oder stellt {uplink} innerhalb von {seconds} Sekunden wieder her.",
    fromLan: "aus dem LAN, über {bridge}",
    fromVlan: "aus VLAN {vlan}, über {bridge}",
    fromUplink: "aus dem LAN, über eine Bridge aus {uplink}",
  },
  form: {
    nameFirst: "Zuerst dem Netzwerk einen Namen geben.",
    hostFirst: "Zuerst einen Host hinzufügen: Ein Netzwerk lebt auf einem.",
    wayFirst: "Zuerst den Weg ins LAN wählen.",
    confirmFirst: "Zuerst bestätigen, dass aus {uplink} eine Bridge gemacht wird.",
    vlanMistake: "Ein VLAN ist eine Zahl von 1 bis 4094. Für das LAN ohne Tag leer lassen.",
    addresses: "IPv4-Adressen",
    addressesHint: "Ohne Angabe wird ein freier Bereich gewählt.",
    vlanHint: "1 bis 4094; leer für das LAN ohne Tag. Die Gäste brauchen kein eigenes Tag.",
  },
  lan: {
    title: "Weg ins LAN",
    unknown: "{host} hat noch nicht gemeldet, welche Schnittstellen es gibt. Warten, bis der Host online ist.",
    useBridge: "Die Bridge {name} verwenden",
    makeBridge: "Eine Bridge aus {name} machen",
    defaultRoute: "Standardroute",
    taken: "{name} ist der Weg des Netzwerks {network} ins LAN. Bitte dieses Netzwerk verwenden.",
    tooOld:
      "Der Agent auf diesem Host ist zu alt, um eine Bridge zu machen. Den Agenten aktualisieren oder die Bridge auf der Maschine selbst anlegen.",
    noAddresses: "keine Adressen",
    down: "inaktiv",
    changes: "Das ändert das eigene Netz von {host}",
    how: "{host} macht eine Bridge mit der MAC-Adresse von {name}, nimmt {name} hinein und verlegt {addresses} und die Routen auf die Bridge.",
    howUnknown:
      "{host} macht eine Bridge mit der MAC-Adresse von {name}, nimmt {name} hinein und verlegt vorhandene Adressen und die Routen auf die Bridge.",
    back: "Antworten die Verbindung zu Indium und das Gateway nicht innerhalb von {seconds} Sekunden wieder, stellt der Host alles von selbst zurück, auch wenn sein Agent unterdessen stirbt.",
    reboot: "In seine Konfiguration wird nichts geschrieben: Nach einem Neustart macht der Agent die Bridge ebenso vorsichtig noch einmal.",
    confirm: "Auf {host} eine Bridge aus {name} machen",
  },
  delete: {
    description: "Das Netzwerk verschwindet von {host}, mit seiner Bridge und seinen Regeln. Keine Instanz ist damit verbunden.",
    descriptionUplink:
      "{host} verlegt die Adressen der Bridge zurück auf {uplink} und entfernt die Bridge. Übersteht die Verbindung zu Indium das nicht, behält der Host die Bridge, sagt es auf seiner Seite und versucht es später noch einmal.",
    confirm: "Netzwerk löschen",
  },
};
