"use client";

import type { HostSort, HostView } from "@indium/contract/api/host-views";
import Link from "next/link";
import { useHostUsage } from "@/features/live/live-provider";
import { formatBytesOf, formatPercent } from "@/lib/format";
import { paths } from "@/lib/path-builder";
import type { Column } from "@/ui/data-table";
import { Meter } from "@/ui/meter";
import { RelativeTime } from "@/ui/relative-time";
import { HostBadges, HostStateBadge } from "./host-state";

/** A host as a row of the list, with what it uses now. */
export function hostColumns(organizationId: string): readonly Column<HostView>[] {
  return [
    {
      key: "name",
      header: "Name",
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
      header: "State",
      sort: "state" satisfies HostSort,
      className: "sm:w-40",
      cell: (host) => (
        <span className="flex min-w-0 flex-col max-sm:items-end">
          <HostStateBadge state={host.state} />
          {host.state === "unreachable" && host.lastSeenAt ? (
            <span className="text-ink-3 text-xs">
              last heard <RelativeTime date={host.lastSeenAt} />
            </span>
          ) : null}
        </span>
      ),
    },
    {
      key: "site",
      header: "Site",
      sort: "site" satisfies HostSort,
      from: "md",
      className: "sm:w-36",
      cell: (host) => <span className="block truncate text-ink-2">{host.siteName ?? "–"}</span>,
    },
    {
      key: "instances",
      header: "Active instances",
      align: "end",
      from: "xl",
      className: "sm:w-36",
      cell: (host) => <span className="tabular text-ink-2">{host.allocated.instances.toLocaleString("en")}</span>,
    },
    { key: "cpu", header: "CPU", from: "lg", className: "sm:w-40", cell: (host) => <Cpu host={host} /> },
    { key: "memory", header: "Memory", from: "md", className: "sm:w-44", cell: (host) => <Memory host={host} /> },
  ];
}

const METER_CLASS = "w-full max-sm:max-w-40";

/** An unreachable host shows no numbers rather than old ones. */
function Cpu({ host }: { host: HostView }) {
  const sample = useHostUsage(host);
  const usage = host.state === "online" ? sample : null;
  return (
    <Meter
      compact
      labelHidden
      label="CPU"
      className={METER_CLASS}
      value={usage === null ? null : usage.cpuFraction}
      text={usage === null ? "" : `${formatPercent(usage.cpuFraction)}${host.facts === null ? "" : ` of ${host.facts.cpu.threads}`}`}
    />
  );
}

function Memory({ host }: { host: HostView }) {
  const sample = useHostUsage(host);
  const usage = host.state === "online" ? sample : null;
  const whole = host.facts?.memoryBytes ?? null;
  return (
    <Meter
      compact
      labelHidden
      label="Memory"
      className={METER_CLASS}
      value={usage === null || whole === null ? null : usage.memoryUsedBytes / whole}
      text={usage === null || whole === null ? "" : formatBytesOf(usage.memoryUsedBytes, whole)}
      {...(whole === null ? {} : { reserved: host.allocated.memoryBytes / whole })}
    />
  );
}
