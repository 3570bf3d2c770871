"use client";

import type { HostView } from "@indium/contract/api/host-views";
import type { HostUsage } from "@indium/contract/host";
import { useTranslations } from "use-intl/react";
import { useHostUsage } from "@/features/live/live-provider";
import { useFormat } from "@/lib/i18n/use-format";
import { cn } from "@/ui/cn";
import { Meter } from "@/ui/meter";

/** "12 % of 16", of its threads; empty where it is not known. */
export function useCpuText() {
  const t = useTranslations("hosts");
  const format = useFormat();
  return (usage: Pick<HostUsage, "cpuFraction"> | null, facts: HostView["facts"]): string => {
    if (usage === null) return "";
    const percent = format.percent(usage.cpuFraction);
    return facts === null ? percent : t("cpuOf", { percent, threads: format.count(facts.cpu.threads) });
  };
}

/** What the host uses now, moving. An unreachable host shows no numbers rather than old ones. */
export function HostMeters({ host, compact = false, className }: { host: HostView; compact?: boolean; className?: string }) {
  const t = useTranslations("hosts");
  const format = useFormat();
  const cpuText = useCpuText();
  const sample = useHostUsage(host);
  const usage = host.state === "online" ? sample : null;
  const facts = host.facts;
  return (
    <div className={cn("grid gap-x-5 gap-y-3 sm:grid-cols-3", className)}>
      <Meter compact={compact} label={t("cpu")} value={usage === null ? null : usage.cpuFraction} text={cpuText(usage, facts)} />
      <Meter
        compact={compact}
        label={t("memory")}
        value={usage === null || facts === null ? null : usage.memoryUsedBytes / facts.memoryBytes}
        text={usage === null || facts === null ? "" : format.bytesOf(usage.memoryUsedBytes, facts.memoryBytes)}
        {...(facts === null ? {} : { reserved: host.allocated.memoryBytes / facts.memoryBytes })}
      />
      <Meter
        compact={compact}
        label={t("disk")}
        value={usage === null || facts === null || facts.storage.sizeBytes === 0 ? null : usage.storageUsedBytes / facts.storage.sizeBytes}
        text={usage === null || facts === null ? "" : format.bytesOf(usage.storageUsedBytes, facts.storage.sizeBytes)}
      />
    </div>
  );
}
