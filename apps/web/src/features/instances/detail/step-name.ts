import type { InstanceView, TimelineModuleView, TimelineStepView } from "@indium/contract/api/instance-views";
import type { useTranslations } from "use-intl/react";
import type { Messages } from "@/locales/messages";

export type StepPlace = Pick<InstanceView, "hostId" | "hostName" | "simulated">;

/** What a step is called in the reader's language; one that is not known here (a newer centre's, or a guest's own) by its English label. */
export function stepName(
  { step, label }: Pick<TimelineStepView, "step" | "label">,
  { hostId, hostName, simulated }: StepPlace,
  t: ReturnType<typeof useTranslations<"instancesTimeline">>,
): string {
  switch (step) {
    case "placed":
      return hostId === null || hostName === null ? t("steps.placed") : t("steps.placedOn", { host: hostName });
    case "start":
      return simulated ? t("steps.startSimulated") : t("steps.start");
    case "image":
    case "disk":
    case "network":
    case "kernel":
    case "metadata":
    case "login":
    case "ssh":
    case "guest:init-local":
    case "guest:init-network":
    case "guest:modules-config":
    case "guest:modules-final":
      return t(`steps.${step}`);
    default:
      return label;
  }
}

/** What a module of cloud-init does; null where nobody here knows. */
export function moduleAbout(
  { name, about }: Pick<TimelineModuleView, "name" | "about">,
  t: ReturnType<typeof useTranslations<"instancesTimeline">>,
): string | null {
  const key = `about.${name as keyof Messages["instancesTimeline"]["about"]}` as const;
  return about !== null && t.has(key) ? t(key) : about;
}
