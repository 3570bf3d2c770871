"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { refusalsOf } from "@indium/domain/nic-counters";
import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/skeleton";

/** What each NIC's rules refused, in words; asked of the host when opened. */
export function RefusedTraffic({ instance }: { instance: InstanceView }) {
  const t = useTranslations("instancesDetail.refused");
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const query = trpc.instance.nicCounters.queryOptions({ instanceId: instance.id });
  const counted = useQuery({ ...query, enabled: open, staleTime: 0 });
  return (
    <details className="border-line border-t px-4 py-3" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit rounded font-medium hover:underline">{t("title")}</summary>
      <div className="mt-3 flex flex-col gap-3">
        {counted.error ? (
          <ErrorNotice error={counted.error} onRetry={() => void counted.refetch()} />
        ) : counted.data === undefined ? (
          <Skeleton className="h-16 rounded" />
        ) : (
          <>
            {instance.nics.map((nic) => {
              const refusals = refusalsOf(counted.data.nics.find(({ nicId }) => nicId === nic.id)?.counters ?? {});
              return (
                <section key={nic.id} aria-label={t("on", { network: nic.networkName })}>
                  <h3 className="font-medium text-ink-2 text-sm">
                    {nic.networkName} <span className="font-mono font-normal text-ink-3 text-xs">{nic.macAddress}</span>
                  </h3>
                  {refusals.length === 0 ? (
                    <p className="text-ink-3">{t("nothing")}</p>
                  ) : (
                    <ul className="mt-1 list-disc pl-5">
                      {refusals.map(({ name, count }) => (
                        <li key={name}>{t(`counted.${name}`, { count })}</li>
                      ))}
                    </ul>
                  )}
                </section>
              );
            })}
            <Button size="sm" className="self-start" loading={counted.isFetching} onClick={() => void counted.refetch()}>
              {counted.isFetching ? null : <RotateCw aria-hidden />}
              {t("again")}
            </Button>
          </>
        )}
      </div>
    </details>
  );
}
