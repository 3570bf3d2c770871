"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { useQuery } from "@tanstack/react-query";
import { CircleSlash, Pencil } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
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
import { RelativeTime } from "@/ui/relative-time";
import { Skeleton } from "@/ui/skeleton";
import { CordonNotice } from "./cordon-notice";
import { HostEvents } from "./host-events";
import { HostFactsList } from "./host-facts";
import { HostMeters } from "./host-meters";
import { HostMetrics } from "./host-metrics";
import { HostBadges, HostStateBadge } from "./host-state";

const RenameHostDialog = componentOnDemand(() => import("./rename-host-dialog").then((module) => module.RenameHostDialog));
const RemoveHostDialog = componentOnDemand(() => import("./remove-host-dialog").then((module) => module.RemoveHostDialog));
const CordonDialog = componentOnDemand(() => import("./cordon-dialog").then((module) => module.CordonDialog));

export function HostPage({ hostId }: { hostId: `h-${string}` }) {
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const host = useQuery(trpc.host.get.queryOptions({ hostId }));
  const crumbs = [{ label: "Hosts", href: paths.hosts(organizationId) }];
  if (host.data !== undefined) return <LoadedHost host={host.data} crumbs={crumbs} />;
  if (host.error !== null && wireErrorOf(host.error).code === "not_found") {
    return (
      <Page title="Host" crumbs={crumbs}>
        <EmptyState
          title="No such host"
          description="It may have been removed, or it belongs to another organization."
          action={
            <Button asChild>
              <Link href={paths.hosts(organizationId)}>All hosts</Link>
            </Button>
          }
        />
      </Page>
    );
  }
  return (
    <Page title="Host" crumbs={crumbs}>
      <QueryView query={host} what="this host" skeleton={<Skeleton className="h-80 rounded-xl" />}>
        {() => null}
      </QueryView>
    </Page>
  );
}

function LoadedHost({ host, crumbs }: { host: HostView; crumbs: readonly { label: string; href: string }[] }) {
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
          {host.siteName ? `In ${host.siteName}. ` : null}
          {host.state === "unreachable" && host.lastSeenAt ? (
            <>
              Last heard <RelativeTime date={host.lastSeenAt} />.
            </>
          ) : null}
        </>
      }
      actions={
        <>
          <Button disabledReason={denial} onClick={() => setRenaming(true)}>
            <Pencil aria-hidden />
            Rename
          </Button>
          {host.cordon === null ? (
            <Button disabledReason={denial} onClick={() => setCordoning(true)}>
              <CircleSlash aria-hidden />
              Cordon…
            </Button>
          ) : null}
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {host.state === "unreachable" ? (
          <Alert tone="warn" title="The host cannot be reached">
            Its VMs most likely keep running: they do not need Indium. What you ask for waits until the host answers.
          </Alert>
        ) : null}
        <CordonNotice host={host} />
        {host.facts?.warnings.map((warning) => (
          <Alert key={warning.code} tone="warn" title={warning.message}>
            {warning.fix}
          </Alert>
        ))}
        <Section title="Now">
          <HostMeters host={host} />
        </Section>
        <HostMetrics host={host} />
        <Section title="Instances" flush>
          <QueryView query={instances} what="instances">
            {(data) =>
              data.items.length === 0 ? (
                <p className="p-4 text-ink-3">No instances on this host.</p>
              ) : (
                <InstanceTable instances={data.items} hostColumn={false} />
              )
            }
          </QueryView>
        </Section>
        <Section title="Facts">
          <HostFactsList host={host} />
        </Section>
        <Section title="Networks" flush>
          <QueryView query={networks} what="networks">
            {(data) => {
              const own = data.filter((network) => network.hostId === host.id);
              return own.length === 0 ? (
                <p className="p-4 text-ink-3">No networks on this host.</p>
              ) : (
                <NetworkTable networks={own} hostColumn={false} />
              );
            }}
          </QueryView>
        </Section>
        <Section title="Events" flush>
          <HostEvents events={host.events} />
        </Section>
        <Section title="Remove this host">
          <div className="flex flex-wrap items-center justify-between gap-4">
            <p className="min-w-0 flex-1 basis-64 text-pretty text-ink-2">
              Indium forgets the host and its key. The machine itself is not touched.
            </p>
            <Button variant="dangerQuiet" disabledReason={denial} onClick={() => setRemoving(true)}>
              Remove host
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
