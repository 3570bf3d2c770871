"use client";

import type { KeptScreen } from "@indium/contract/guest-finding";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useTRPC } from "@/lib/trpc";
import { RelativeTime } from "@/ui/relative-time";
import { Skeleton } from "@/ui/skeleton";

/** The kept picture, fetched from the host when opened: it shows what the console showed, and is kept nowhere else. */
export function LastScreen({ instanceId, screen }: { instanceId: `i-${string}`; screen: KeptScreen }) {
  const t = useTranslations("instancesDetail.findings");
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const picture = useQuery({ ...trpc.instance.lastScreen.queryOptions({ instanceId }), enabled: open, staleTime: 0 });
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} className="rounded-lg border border-line bg-surface px-3.5 py-3">
      <summary className="w-fit rounded font-medium hover:underline">
        {t.rich(`screens.${screen.why}`, { when: () => <RelativeTime date={new Date(screen.at)} /> })}
      </summary>
      <div className="mt-3">
        {picture.error ? (
          <ErrorNotice error={picture.error} onRetry={() => void picture.refetch()} />
        ) : picture.data === undefined ? (
          <Skeleton className="h-64 rounded" />
        ) : picture.data === null ? (
          <p className="text-ink-2">{t("pictureGone")}</p>
        ) : (
          // biome-ignore lint/performance/noImgElement: bytes of this page's own, nothing to optimize
          <img
            src={`data:image/png;base64,${picture.data.png}`}
            alt={t(`pictures.${screen.why}`)}
            className="max-w-full rounded-md border border-line bg-black"
          />
        )}
      </div>
    </details>
  );
}
