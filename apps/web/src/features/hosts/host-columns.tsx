"use client";

import type { HostSort, HostView } from "@indium/contract/api/host-views";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useHostUsage } from "@/features/live/live-provider";
import type { Format } from "@/lib/i18n/format";
import { useFormat } from "@/lib/i18n/use-format";
import { paths } from "@/lib/path-builder";
import type { Column } from "@/ui/data-table";
import { Meter } from "@/ui/meter";
import { useCpuText } from "./host-meters";
import { HostBadges, HostStateBadge, type HostWords, LastHeard } from "./host-state";

/** A host as a row of the list, with what it uses now. */
export function hostColumns(organizationId: string, t: HostWords, format: Format): readonly Column<HostView>[] {
  return [
    {
      key: "name",
      header: t("name"),
      sort: "name" satisfies HostSort,
      primary: true,
      className: "sm:w-1/4",
      cell: (host) => (
        <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
          <Link href={paths.host(organizationId, host.id)} className="truncate rounded font-medium hover:underline">
            {host.name}
          </Link>
          <HostBadges host={host} />
        </span>
      ),
    },
    {
      key: "state",
      header: t("state"),
      sort: "state" satisfies HostSort,
      className: "sm:w-40",
      cell: (host) => (
        <span className="flex min-w-0 flex-col max-sm:items-end">
          <HostStateBadge state={host.state} />
          {host.state === "unreachable" && host.lastSeenAt ? (
            <span className="text-ink-3 text-xs">
              <LastHeard at={host.lastSeenAt} />
            </span>
          ) : null}
        </span>
      ),
    },
    {
      key: "site",
      header: t("site"),
      sort: "site" satisfies HostSort,
      from: "md",
      className: "sm:w-36",
      cell: (host) => <span className="block truncate text-ink-2">{host.siteName ?? "–"}</span>,
    },
    {
      key: "instances",
      header: t("activeInstances"),
      align: "end",
      from: "xl",
      className: "sm:w-36",
      cell: (host) => <span className="tabular text-ink-2">{format.count(host.allocated.instances)}</span>,
    },
    { key: "cpu", header: t("cpu"), from: "lg", className: "sm:w-40", cell: (host) => <Cpu host={host} /> },
    { key: "memory", header: t("memory"), from: "md", className: "sm:w-44", cell: (host) => <Memory host={host} /> },
  ];
}

const METER_CLASS = "w-full max-sm:max-w-40";

/** An unreachable host shows no numbers rather than old ones. */
function Cpu({ host }: { host: HostView }) {
  const t = useTranslations("hosts");
  const cpuText = useCpuText();
  const sample = useHostUsage(host);
  const usage = host.state === "online" ? sample : null;
  return (
    <Meter
      compact
      labelHidden
      label={t("cpu")}
      className={METER_CLASS}
      value={usage === null ? null : usage.cpuFraction}
      text={cpuText(usage, host.facts)}
    />
  );
}

function Memory({ host }: { host: HostView }) {
  const t = useTranslations("hosts");
  const format = useFormat();
  const sample = useHostUsage(host);
  const usage = host.state === "online" ? sample : null;
  const whole = host.facts?.memoryBytes ?? null;
  return (
    <Meter
      compact
      labelHidden
      label={t("memory")}
      className={METER_CLASS}
      value={usage === null || whole === null ? null : usage.memoryUsedBytes / whole}
      text={usage === null || whole === null ? "" : format.bytesOf(usage.memoryUsedBytes, whole)}
      {...(whole === null ? {} : { reserved: host.allocated.memoryBytes / whole })}
    />
  );
}
