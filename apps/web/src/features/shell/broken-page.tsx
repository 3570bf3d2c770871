"use client";

import { useTranslations } from "use-intl/react";
import { STAND_IN_BUTTON, StandIn } from "./stand-in";

/** A page that broke: nothing on any host is touched by it. */
export function BrokenPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const t = useTranslations("shell.broken");
  const common = useTranslations("common");
  return (
    <StandIn
      title={t("title")}
      description={error.digest === undefined ? t("description") : t("descriptionLogged", { digest: error.digest })}
      action={
        <button type="button" className={STAND_IN_BUTTON} onClick={reset}>
          {common("tryAgain")}
        </button>
      }
    />
  );
}
