"use client";

import type { HostView } from "@indium/contract/api/host-views";
import Link from "next/link";
import { useOrganizationId } from "@/features/shell/organization-context";
import { formatBytes, plural } from "@/lib/format";
import { paths } from "@/lib/path-builder";
import { Card } from "@/ui/card";
import { RelativeTime } from "@/ui/relative-time";
import { HostMeters } from "./host-meters";
import { HostBadges, HostStateBadge } from "./host-state";

export function HostCard({ host }: { host: HostView }) {
  const organizationId = useOrganizationId();
  return (
    <Card className="p-4">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <div className="min-w-0">
          <h2 className="flex flex-wrap items-center gap-2 font-semibold">
            <Link href={paths.host(organizationId, host.id)} className="truncate rounded hover:underline">
              {host.name}
            </Link>
            <HostBadges host={host} />
          </h2>
          <p className="mt-0.5 text-[0.8125rem] text-ink-3">
            {[
              host.siteName,
              host.facts ? plural(host.facts.cpu.threads, "thread") : null,
              host.facts ? formatBytes(host.facts.memoryBytes) : null,
              plural(host.allocated.instances, "active instance"),
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
          {host.cordon ? (
            <p className="mt-0.5 text-[0.8125rem] text-warn">
              Cordoned{host.cordon.by === null ? "" : ` by ${host.cordon.by}`}: {host.cordon.reason}
            </p>
          ) : null}
        </div>
        <div className="sm:text-right">
          <HostStateBadge state={host.state} />
          {host.state === "unreachable" && host.lastSeenAt ? (
            <p className="text-ink-3 text-xs">
              last heard <RelativeTime date={host.lastSeenAt} />
            </p>
          ) : null}
        </div>
      </div>
      <HostMeters host={host} className="mt-4" />
    </Card>
  );
}
