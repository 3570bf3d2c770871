import type { sizes as source } from "../en/sizes";
import type { Translation } from "../messages";

export const sizes: Translation<typeof source> = {
  title: "Größen",
  what: "Größen",
  description: "Wie viele Prozessoren, wie viel Arbeitsspeicher und welchen Datenträger eine neue Instanz bekommt.",
  adminOnly: "Nur wer diese Installation verwaltet, darf ihre Größen ändern.",
  add: {
    vcpus: "vCPUs",
    title: "Größe hinzufügen",
    description: "Jede Organisation kann damit Instanzen anlegen.",
    memory: "Arbeitsspeicher (GiB)",
    disk: "Datenträger (GiB)",
    placeholder: "mittel",
    giveNumber: "Bitte eine Zahl angeben.",
  },
  delete: {
    description:
      "Damit lassen sich in keiner Organisation mehr neue Instanzen anlegen. Vorhandene behalten Prozessoren, Arbeitsspeicher und Datenträger.",
    confirm: "Größe löschen",
  },
};
