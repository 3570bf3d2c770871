"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { useHostUsage } from "@/features/live/live-provider";
import { formatBytesOf, formatPercent } from "@/lib/format";
import { cn } from "@/ui/cn";
import { Meter } from "@/ui/meter";

/** What the host uses now, moving. An unreachable host shows no numbers rather than old ones. */
export function HostMeters({ host, compact = false, className }: { host: HostView; compact?: boolean; className?: string }) {
  const sample = useHostUsage(host);
  const usage = host.state === "online" ? sample : null;
  const facts = host.facts;
  return (
    <div className={cn("grid gap-x-5 gap-y-3 sm:grid-cols-3", className)}>
      <Meter
        compact={compact}
        label="CPU"
        value={usage === null ? null : usage.cpuFraction}
        text={usage === null ? "" : `${formatPercent(usage.cpuFraction)}${facts === null ? "" : ` of ${facts.cpu.threads}`}`}
      />
      <Meter
        compact={compact}
        label="Memory"
        value={usage === null || facts === null ? null : usage.memoryUsedBytes / facts.memoryBytes}
        text={usage === null || facts === null ? "" : formatBytesOf(usage.memoryUsedBytes, facts.memoryBytes)}
        {...(facts === null ? {} : { reserved: host.allocated.memoryBytes / facts.memoryBytes })}
      />
      <Meter
        compact={compact}
        label="Disk"
        value={usage === null || facts === null || facts.storage.sizeBytes === 0 ? null : usage.storageUsedBytes / facts.storage.sizeBytes}
        text={usage === null || facts === null ? "" : formatBytesOf(usage.storageUsedBytes, facts.storage.sizeBytes)}
      />
    </div>
  );
}
