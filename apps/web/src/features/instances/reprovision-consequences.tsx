import { useTranslations } from "use-intl/react";

/** What a re-provision does to a guest, for whoever is about to ask for one. Verified with Debian 12's cloud-init. */
export function ReprovisionConsequences() {
  const t = useTranslations("instances.reprovision");
  return (
    <ul className="list-disc space-y-1.5 pl-5 text-ink-2">
      <li>{t("reboots")}</li>
      <li>{t("serves")}</li>
      <li>{t("runs")}</li>
      <li>{t("stays")}</li>
    </ul>
  );
}
