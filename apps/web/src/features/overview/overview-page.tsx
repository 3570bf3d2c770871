"use client";

import { useQuery } from "@tanstack/react-query";
import { Boxes, Plus, Server } from "lucide-react";
import Link from "next/link";
import { HostCard } from "@/features/hosts/host-card";
import { useDenial, useOrganization } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { plural } from "@/lib/format";
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
  const addHost =
    hostDenial === null ? (
      <Button asChild>
        <Link href={paths.hostNew(organizationId)}>
          <Server aria-hidden />
          Add host
        </Link>
      </Button>
    ) : (
      <Button disabledReason={hostDenial}>
        <Server aria-hidden />
        Add host
      </Button>
    );
  const hasInstances = (fleet.data?.instances.length ?? 0) > 0;
  return (
    <Page
      title={organization.name}
      documentTitle="Overview"
      actions={
        <>
          {addHost}
          {hasInstances ? create("Create instance") : null}
        </>
      }
    >
      <div className="flex flex-col gap-6">
        <BuildingImages images={images.data ?? []} />
        <QueryView query={fleet} what="the fleet" skeleton={<Skeleton className="h-40 rounded-xl" />}>
          {(data) => (
            <>
              <AttentionSection fleet={data} />
              {data.instances.length === 0 ? (
                <Card>
                  <EmptyState
                    icon={<Boxes />}
                    title="Create your first instance"
                    description="A virtual machine on your own hardware. Everything has a default: press Create twice and log in a few seconds later."
                    action={create("Create your first instance")}
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
              Hosts
            </h2>
            {(hosts.data?.total ?? 0) > HOSTS_SHOWN ? (
              <Button size="sm" variant="ghost" asChild>
                <Link href={paths.hosts(organizationId)}>All {plural(hosts.data?.total ?? 0, "host")}</Link>
              </Button>
            ) : null}
          </div>
          <QueryView query={hosts} what="hosts" skeleton={<Skeleton className="h-32 rounded-xl" />}>
            {(data) =>
              data.items.length === 0 ? (
                <Card>
                  <EmptyState
                    icon={<Server />}
                    title="No hosts yet"
                    description="Instances need a machine to run on. Any Debian or Ubuntu machine becomes one with one command."
                    action={addHost}
                  />
                </Card>
              ) : (
                <ul aria-label="Hosts" className="flex flex-col gap-4">
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
            title="Recent operations"
            flush
            aside={
              <Button size="sm" variant="ghost" asChild>
                <Link href={paths.operations(organizationId)}>All operations</Link>
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
