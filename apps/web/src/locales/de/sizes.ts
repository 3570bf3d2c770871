import type { sizes as source } from "../en/sizes";
import type { Translation } from "../messages";

export const sizes: Translation<typeof source> = {
  title: "Größen",
  what: "Größen",
  description: "Wie viele Prozessoren, wie viel Arbeitsspeicher und welche Platte eine neue Instanz bekommt.",
  adminOnly: "Nur wer diese Installation verwaltet, darf ihre Größen ändern.",
  name: "Name",
  vcpus: "vCPUs",
  memory: "Arbeitsspeicher",
  disk: "Platte",
  actions: "Aktionen",
  deleteNamed: "{name} löschen",
  add: {
    title: "Größe hinzufügen",
    description: "Jede Organisation kann damit Instanzen anlegen.",
    memory: "Arbeitsspeicher (GiB)",
    disk: "Platte (GiB)",
    placeholder: "mittel",
    giveNumber: "Bitte eine Zahl angeben.",
  },
  delete: {
    description:
      "Damit lassen sich in keiner Organisation mehr neue Instanzen anlegen. Vorhandene behalten Prozessoren, Arbeitsspeicher und Platte.",
    confirm: "Größe löschen",
  },
};
