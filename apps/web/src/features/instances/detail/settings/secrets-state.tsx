import type { InstanceView } from "@indium/contract/api/instance-views";
import type { SealReason } from "@indium/contract/report";
import { useTranslations } from "use-intl/react";
import { RelativeTime } from "@/ui/relative-time";

/** As a message names them. */
const REASON = { "cloud-init": "cloudInit", "phone-home": "phoneHome", "time-limit": "timeLimit" } as const satisfies Record<
  SealReason,
  string
>;

/** Whether programs in the guest can still ask for its password and user data. */
export function SecretsState({ instance }: { instance: Pick<InstanceView, "secrets" | "hasPassword" | "hasUserData"> }) {
  const t = useTranslations("instancesSettings.secrets");
  const { state, since, until, reason } = instance.secrets;
  if (!instance.hasPassword && !instance.hasUserData) return t("none");
  switch (state) {
    case "waiting":
      return t("waiting");
    case "served":
      return until === null ? t("served") : t.rich("servedUntil", { when: () => <RelativeTime date={until} /> });
    case "sealed":
      return t.rich("sealed", {
        known: String(since !== null),
        when: () => (since === null ? null : <RelativeTime date={since} />),
        reason: reason === null ? "other" : REASON[reason],
      });
  }
}
