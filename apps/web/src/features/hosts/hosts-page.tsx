"use client";

import { useQuery } from "@tanstack/react-query";
import { Plus, Server } from "lucide-react";
import Link from "next/link";
import { useDenial, useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { Skeleton } from "@/ui/skeleton";
import { HostCard } from "./host-card";

export function HostsPage() {
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const denial = useDenial("host.manage");
  const hosts = useQuery(trpc.host.list.queryOptions({ organizationId }));
  const add = (
    <Button variant="primary" asChild={denial === null} disabledReason={denial}>
      {denial === null ? (
        <Link href={paths.hostNew(organizationId)}>
          <Plus aria-hidden />
          Add host
        </Link>
      ) : (
        <>
          <Plus aria-hidden />
          Add host
        </>
      )}
    </Button>
  );
  return (
    <Page title="Hosts" description="Your machines that run instances, wherever they stand." actions={add}>
      <QueryView
        query={hosts}
        what="hosts"
        skeleton={
          <div role="status" aria-label="Loading hosts…" className="flex flex-col gap-4">
            <Skeleton className="h-32 rounded-xl" />
            <Skeleton className="h-32 rounded-xl" />
          </div>
        }
      >
        {(data) =>
          data.length === 0 ? (
            <Card>
              <EmptyState
                icon={<Server />}
                title="No hosts yet"
                description="Any Debian or Ubuntu machine becomes a host with one command. It dials out, so it may stand behind NAT."
                action={add}
              />
            </Card>
          ) : (
            <ul aria-label="Hosts" className="flex flex-col gap-4">
              {data.map((host) => (
                <li key={host.id}>
                  <HostCard host={host} />
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
    </Page>
  );
}
