import type { sshKeys as source } from "../en/ssh-keys";
import type { Translation } from "../messages";

export const sshKeys: Translation<typeof source> = {
  title: "SSH-Schlüssel",
  what: "SSH-Schlüssel",
  description: "Öffentliche Schlüssel, die neue Instanzen bekommen können.",
  add: "SSH-Schlüssel hinzufügen",
  fingerprint: "Fingerabdruck",
  added: "Hinzugefügt",
  empty: {
    title: "Noch keine SSH-Schlüssel",
    description: "Den öffentlichen Schlüssel einmal hinzufügen und sich bei jeder neuen Instanz ohne Passwort anmelden.",
  },
  dialog: {
    description: "Die öffentliche Hälfte, wie sie in <file>~/.ssh/id_ed25519.pub</file> steht.",
    publicKey: "Öffentlicher Schlüssel",
    pasteFirst: "Zuerst einen öffentlichen Schlüssel einfügen.",
    isPrivate: "Das ist ein privater Schlüssel. Bitte die .pub-Datei einfügen.",
    isPrivateLong: "Das ist ein privater Schlüssel: Er gehört nur auf den eigenen Computer. Bitte die Datei einfügen, die auf .pub endet.",
  },
  myKey: "Mein Schlüssel",
  kindKey: "{kind}-Schlüssel",
  delete: {
    description:
      "Neue Instanzen können ihn nicht mehr bekommen. Instanzen, die ihn schon haben, behalten ihn: dort aus authorized_keys selbst entfernen.",
    confirm: "Schlüssel löschen",
  },
};
