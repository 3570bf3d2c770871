"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { refusalsInWords } from "@indium/domain/nic-counters";
import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/skeleton";

/** What each NIC's rules refused, in words; asked of the host when opened. */
export function RefusedTraffic({ instance }: { instance: InstanceView }) {
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const query = trpc.instance.nicCounters.queryOptions({ instanceId: instance.id });
  const counted = useQuery({ ...query, enabled: open, staleTime: 0 });
  return (
    <details className="border-line border-t px-4 py-3" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit rounded font-medium hover:underline">Refused traffic</summary>
      <div className="mt-3 flex flex-col gap-3">
        {counted.error ? (
          <ErrorNotice error={counted.error} onRetry={() => void counted.refetch()} />
        ) : counted.data === undefined ? (
          <Skeleton className="h-16" />
        ) : (
          <>
            {instance.nics.map((nic) => {
              const refusals = refusalsInWords(counted.data.nics.find(({ nicId }) => nicId === nic.id)?.counters ?? {});
              return (
                <section key={nic.id} aria-label={`Refused on ${nic.networkName}`}>
                  <h3 className="font-medium text-ink-2 text-sm">
                    {nic.networkName} <span className="font-mono font-normal text-ink-3 text-xs">{nic.macAddress}</span>
                  </h3>
                  {refusals.length === 0 ? (
                    <p className="text-ink-3">Nothing has been refused.</p>
                  ) : (
                    <ul className="mt-1 list-disc pl-5">
                      {refusals.map((words) => (
                        <li key={words}>{words}</li>
                      ))}
                    </ul>
                  )}
                </section>
              );
            })}
            <Button size="sm" className="self-start" loading={counted.isFetching} onClick={() => void counted.refetch()}>
              {counted.isFetching ? null : <RotateCw aria-hidden />}
              Count again
            </Button>
          </>
        )}
      </div>
    </details>
  );
}
