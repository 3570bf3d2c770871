"use client";

import { RotateCw } from "lucide-react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";

/** A page that broke: nothing on any host is touched by it. */
export function BrokenPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const t = useTranslations("shell.broken");
  const common = useTranslations("common");
  return (
    <main className="flex min-h-[70dvh] items-center justify-center">
      <EmptyState
        title={t("title")}
        description={error.digest === undefined ? t("description") : t("descriptionLogged", { digest: error.digest })}
        action={
          <Button variant="primary" onClick={reset}>
            <RotateCw aria-hidden />
            {common("tryAgain")}
          </Button>
        }
      />
    </main>
  );
}
