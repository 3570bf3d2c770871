"use client";

import { useQuery } from "@tanstack/react-query";
import { Boxes, Plus, Server } from "lucide-react";
import Link from "next/link";
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
import { BuildingImages } from "./building-images";
import { InstanceCounts } from "./instance-counts";
import { RecentOperations } from "./recent-operations";

/** The organization at a glance, and the next thing to do while there is little to look at. */
export function OverviewPage() {
  const trpc = useTRPC();
  const organization = useOrganization();
  const organizationId = organization.id;
  const createDenial = useDenial("instance.create");
  const hostDenial = useDenial("host.manage");
  const hosts = useQuery(trpc.host.list.queryOptions({ organizationId }));
  const instances = useQuery(trpc.instance.list.queryOptions({ organizationId, limit: 200 }));
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
  const hasInstances = (instances.data?.total ?? 0) > 0;
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
        <QueryView query={instances} what="instances" skeleton={<Skeleton className="h-40 rounded-xl" />}>
          {(data) =>
            data.total === 0 ? (
              <Card>
                <EmptyState
                  icon={<Boxes />}
                  title="Create your first instance"
                  description="A virtual machine on your own hardware. Everything has a default: press Create twice and log in a few seconds later."
                  action={create("Create your first instance")}
                />
              </Card>
            ) : (
              <InstanceCounts instances={data.items} total={data.total ?? data.items.length} />
            )
          }
        </QueryView>
        <section aria-labelledby="overview-hosts">
          <h2 id="overview-hosts" className="mb-3 font-semibold">
            Hosts
          </h2>
          <QueryView query={hosts} what="hosts" skeleton={<Skeleton className="h-32 rounded-xl" />}>
            {(data) =>
              data.length === 0 ? (
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
                  {data.slice(0, 6).map((host) => (
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
