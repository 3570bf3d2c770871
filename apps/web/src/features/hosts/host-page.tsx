"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { useQuery } from "@tanstack/react-query";
import { CircleSlash, Pencil } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { InstanceTable } from "@/features/instances/instance-table";
import { NetworkTable } from "@/features/networks/network-table";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Section } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { componentOnDemand } from "@/ui/on-demand";
import { Skeleton } from "@/ui/skeleton";
import { CordonNotice } from "./cordon-notice";
import { HostEvents } from "./host-events";
import { HostFactsList } from "./host-facts";
import { HostMeters } from "./host-meters";
import { HostPathLine } from "./host-path";
import { HostBadges, HostStateBadge, LastHeard } from "./host-state";

const HostMetrics = componentOnDemand(() => import("./host-metrics").then((module) => module.HostMetrics), {
  soon: true,
  meanwhile: <Skeleton className="h-96 rounded-xl" />,
});
const HostPairs = componentOnDemand(() => import("./pairs/host-pairs").then((module) => module.HostPairs), {
  soon: true,
  meanwhile: <Skeleton className="h-32 rounded-xl" />,
});
const RenameHostDialog = componentOnDemand(() => import("./rename-host-dialog").then((module) => module.RenameHostDialog));
const RemoveHostDialog = componentOnDemand(() => import("./remove-host-dialog").then((module) => module.RemoveHostDialog));
const CordonDialog = componentOnDemand(() => import("./cordon-dialog").then((module) => module.CordonDialog));

export function HostPage({ hostId }: { hostId: `h-${string}` }) {
  const t = useTranslations("hosts");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const host = useQuery(trpc.host.get.queryOptions({ hostId }));
  const crumbs = [{ label: t("title"), href: paths.hosts(organizationId) }];
  if (host.data !== undefined) return <LoadedHost host={host.data} crumbs={crumbs} />;
  if (host.error !== null && wireErrorOf(host.error).code === "not_found") {
    return (
      <Page title={t("page.title")} crumbs={crumbs}>
        <EmptyState
          title={t("page.missing")}
          description={t("page.missingHint")}
          action={
            <Button asChild>
              <Link href={paths.hosts(organizationId)}>{t("page.all")}</Link>
            </Button>
          }
        />
      </Page>
    );
  }
  return (
    <Page title={t("page.title")} crumbs={crumbs}>
      <QueryView query={host} what={t("whatOne")} skeleton={<Skeleton className="h-80 rounded-xl" />}>
        {() => null}
      </QueryView>
    </Page>
  );
}

function LoadedHost({ host, crumbs }: { host: HostView; crumbs: readonly { label: string; href: string }[] }) {
  const t = useTranslations("hosts");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("host.manage");
  const [renaming, setRenaming] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [cordoning, setCordoning] = useState(false);
  const instances = useQuery(trpc.instance.list.queryOptions({ organizationId, hostId: host.id }));
  const networks = useQuery(trpc.network.list.queryOptions({ organizationId }));
  return (
    <Page
      title={host.name}
      crumbs={crumbs}
      badges={
        <>
          <HostStateBadge state={host.state} />
          <HostBadges host={host} />
        </>
      }
      description={
        <>
          {host.siteName ? `${t("page.inSite", { site: host.siteName })} ` : null}
          {host.state === "unreachable" && host.lastSeenAt ? <LastHeard at={host.lastSeenAt} sentence /> : null}
        </>
      }
      actions={
        <>
          <Button disabledReason={denial} onClick={() => setRenaming(true)}>
            <Pencil aria-hidden />
            {t("rename")}
          </Button>
          {host.cordon === null ? (
            <Button disabledReason={denial} onClick={() => setCordoning(true)}>
              <CircleSlash aria-hidden />
              {t("cordon.open")}
            </Button>
          ) : null}
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {host.state === "unreachable" ? (
          <Alert tone="warn" title={t("page.unreachable")}>
            {t("page.unreachableHint")}
          </Alert>
        ) : null}
        <CordonNotice host={host} />
        {host.facts?.warnings.map((warning) => (
          <Alert key={warning.code} tone="warn" title={<span lang="en">{warning.message}</span>}>
            <span lang="en">{warning.fix}</span>
          </Alert>
        ))}
        <Section title={t("page.now")}>
          <div className="flex flex-col gap-3">
            <HostMeters host={host} />
            <HostPathLine host={host} />
          </div>
        </Section>
        <HostMetrics host={host} />
        <Section title={t("page.instances")} flush>
          <QueryView query={instances} what={t("whatInstances")}>
            {(data) =>
              data.items.length === 0 ? (
                <p className="p-4 text-ink-3">{t("page.noInstances")}</p>
              ) : (
                <InstanceTable instances={data.items} hostColumn={false} />
              )
            }
          </QueryView>
        </Section>
        <Section title={t("page.facts")}>
          <HostFactsList host={host} />
        </Section>
        <Section title={t("page.networks")} flush>
          <QueryView query={networks} what={t("whatNetworks")}>
            {(data) => {
              const own = data.filter((network) => network.hostId === host.id);
              return own.length === 0 ? (
                <p className="p-4 text-ink-3">{t("page.noNetworks")}</p>
              ) : (
                <NetworkTable networks={own} hostColumn={false} />
              );
            }}
          </QueryView>
        </Section>
        <HostPairs host={host} />
        <Section title={t("page.events")} flush>
          <HostEvents events={host.events} />
        </Section>
        <Section title={t("page.remove")}>
          <div className="flex flex-wrap items-center justify-between gap-4">
            <p className="min-w-0 flex-1 basis-64 text-pretty text-ink-2">{t("page.removeHint")}</p>
            <Button variant="dangerQuiet" disabledReason={denial} onClick={() => setRemoving(true)}>
              {t("remove")}
            </Button>
          </div>
        </Section>
      </div>
      {cordoning ? <CordonDialog host={host} onClose={() => setCordoning(false)} /> : null}
      <RenameHostDialog host={host} open={renaming} onOpenChange={setRenaming} />
      <RemoveHostDialog host={host} open={removing} onOpenChange={setRemoving} />
    </Page>
  );
}
