"use client";

import { useQuery } from "@tanstack/react-query";
import { Boxes, Plus, Server } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { HostCard } from "@/features/hosts/host-card";
import { useDenial, useOrganization } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Card, Section } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { Skeleton } from "@/ui/skeleton";
import { AttentionSection } from "./attention";
import { BuildingImages } from "./building-images";
import { InstanceCounts } from "./instance-counts";
import { RecentOperations } from "./recent-operations";
import { SitesHealth } from "./sites-health";

const HOSTS_SHOWN = 4;
const INSTANCES_SHOWN = 5;

/** The organization at a glance, and the next thing to do while there is little to look at. */
export function OverviewPage() {
  const t = useTranslations("overview");
  const trpc = useTRPC();
  const organization = useOrganization();
  const organizationId = organization.id;
  const createDenial = useDenial("instance.create");
  const hostDenial = useDenial("host.manage");
  const fleet = useQuery(trpc.fleet.get.queryOptions({ organizationId }));
  const hosts = useQuery(trpc.host.page.queryOptions({ organizationId, limit: HOSTS_SHOWN }));
  const newest = useQuery(trpc.instance.list.queryOptions({ organizationId, sort: "created", direction: "desc", limit: INSTANCES_SHOWN }));
  const images = useQuery(trpc.image.list.queryOptions({ organizationId }));
  const create = (label: string) =>
    createDenial === null ? (
      <Button variant="primary" asChild>
        <Link href={paths.instanceNew(organizationId)}>
          <Plus aria-hidden />
          {label}
        </Link>
      </Button>
    ) : (
      <Button variant="primary" disabledReason={createDenial}>
        <Plus aria-hidden />
        {label}
      </Button>
    );
  const addHost = (variant: "primary" | "secondary") =>
    hostDenial === null ? (
      <Button variant={variant} asChild>
        <Link href={paths.hostNew(organizationId)}>
          <Server aria-hidden />
          {t("addHost")}
        </Link>
      </Button>
    ) : (
      <Button variant={variant} disabledReason={hostDenial}>
        <Server aria-hidden />
        {t("addHost")}
      </Button>
    );
  const hasInstances = (fleet.data?.instances.length ?? 0) > 0;
  return (
    <Page
      title={organization.name}
      documentTitle={t("title")}
      actions={
        <>
          {addHost("secondary")}
          {hasInstances ? create(t("createInstance")) : null}
        </>
      }
    >
      <div className="flex flex-col gap-6">
        <BuildingImages images={images.data ?? []} />
        <QueryView query={fleet} what={t("whatFleet")} skeleton={<Skeleton className="h-40 rounded-xl" />}>
          {(data) => (
            <>
              <AttentionSection fleet={data} />
              {/* One next thing at a time: without a host that is the host, below. */}
              {data.instances.length === 0 && data.sites.every((site) => site.hosts.total === 0) ? null : data.instances.length === 0 ? (
                <Card>
                  <EmptyState
                    icon={<Boxes />}
                    title={t("first.title")}
                    description={t("first.description")}
                    action={create(t("first.title"))}
                  />
                </Card>
              ) : (
                <InstanceCounts counts={data.instances} newest={newest.data?.items ?? []} />
              )}
              {data.sites.length > 1 ? <SitesHealth sites={data.sites} /> : null}
            </>
          )}
        </QueryView>
        <section aria-labelledby="overview-hosts">
          <div className="mb-3 flex items-center justify-between gap-4">
            <h2 id="overview-hosts" className="font-semibold">
              {t("hosts.title")}
            </h2>
            {(hosts.data?.total ?? 0) > HOSTS_SHOWN ? (
              <Button size="sm" variant="ghost" className="-mr-2" asChild>
                <Link href={paths.hosts(organizationId)}>{t("hosts.all", { count: hosts.data?.total ?? 0 })}</Link>
              </Button>
            ) : null}
          </div>
          <QueryView query={hosts} what={t("whatHosts")} skeleton={<Skeleton className="h-32 rounded-xl" />}>
            {(data) =>
              data.items.length === 0 ? (
                <Card>
                  <EmptyState icon={<Server />} title={t("hosts.none")} description={t("hosts.noneHint")} action={addHost("primary")} />
                </Card>
              ) : (
                <ul aria-label={t("hosts.title")} className="flex flex-col gap-4">
                  {data.items.map((host) => (
                    <li key={host.id}>
                      <HostCard host={host} />
                    </li>
                  ))}
                </ul>
              )
            }
          </QueryView>
        </section>
        {hasInstances ? (
          <Section
            title={t("operations.title")}
            flush
            aside={
              <Button size="sm" variant="ghost" className="-mr-2" asChild>
                <Link href={paths.operations(organizationId)}>{t("operations.all")}</Link>
              </Button>
            }
          >
            <RecentOperations />
          </Section>
        ) : null}
      </div>
    </Page>
  );
}
