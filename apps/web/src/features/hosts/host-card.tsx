"use client";

import type { HostView } from "@indium/contract/api/host-views";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useFormat } from "@/lib/i18n/use-format";
import { paths } from "@/lib/path-builder";
import { Card } from "@/ui/card";
import { HostMeters } from "./host-meters";
import { cordonSentence, HostBadges, HostStateBadge, LastHeard } from "./host-state";

export function HostCard({ host }: { host: HostView }) {
  const t = useTranslations("hosts");
  const format = useFormat();
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
              host.facts ? t("threads", { count: host.facts.cpu.threads }) : null,
              host.facts ? format.bytes(host.facts.memoryBytes) : null,
              t("activeInstancesCount", { count: host.allocated.instances }),
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
          {host.cordon ? <p className="mt-0.5 text-[0.8125rem] text-warn">{cordonSentence(t, host.cordon)}</p> : null}
        </div>
        <div className="sm:text-right">
          <HostStateBadge state={host.state} />
          {host.state === "unreachable" && host.lastSeenAt ? (
            <p className="text-ink-3 text-xs">
              <LastHeard at={host.lastSeenAt} />
            </p>
          ) : null}
        </div>
      </div>
      <HostMeters host={host} className="mt-4" />
    </Card>
  );
}
