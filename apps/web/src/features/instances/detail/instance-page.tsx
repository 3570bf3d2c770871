"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { WireErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { Page } from "@/features/shell/page";
import { QueryView } from "@/features/shell/query-view";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Alert } from "@/ui/alert";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Skeleton } from "@/ui/skeleton";
import { InstanceStateBadge } from "../instance-state";
import { useInstanceActions } from "../use-instance-actions";
import { WaitingNote } from "../waiting-note";
import { ActionBar } from "./action-bar";
import { FindingsNotice } from "./findings-notice";
import { InstanceTabs } from "./instance-tabs";

export function InstancePage({ instanceId }: { instanceId: `i-${string}` }) {
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const instance = useQuery(trpc.instance.get.queryOptions({ instanceId }));
  const crumbs = [{ label: "Instances", href: paths.instances(organizationId) }];
  const gone = instance.error !== null && wireErrorOf(instance.error).code === "not_found";
  if (gone || instance.data?.state === "deleted") {
    return (
      <Page title="Instance" crumbs={crumbs}>
        <EmptyState
          title={instance.data ? `${instance.data.name} is deleted` : "No such instance"}
          description={
            instance.data
              ? "Its disk and addresses are gone from the host."
              : "It may have been deleted, or it belongs to another organization."
          }
          action={
            <Button asChild>
              <Link href={paths.instances(organizationId)}>All instances</Link>
            </Button>
          }
        />
      </Page>
    );
  }
  if (instance.data === undefined) {
    return (
      <Page title="Instance" crumbs={crumbs} width="wide">
        <QueryView query={instance} what="this instance" skeleton={<DetailSkeleton />}>
          {() => null}
        </QueryView>
      </Page>
    );
  }
  return <LoadedInstance instance={instance.data} crumbs={crumbs} />;
}

function LoadedInstance({ instance, crumbs }: { instance: InstanceView; crumbs: readonly { label: string; href: string }[] }) {
  const actions = useInstanceActions();
  return (
    <Page
      width="wide"
      title={instance.name}
      crumbs={crumbs}
      badges={
        <>
          <InstanceStateBadge state={instance.state} />
          {instance.simulated ? <Badge tone="warn">simulated</Badge> : null}
        </>
      }
      description={
        <WaitingNote
          waiting={instance.waiting ?? instance.currentOperation?.waiting ?? null}
          until={instance.waitingUntil ?? instance.currentOperation?.waitingUntil ?? null}
        />
      }
      actions={<ActionBar instance={instance} sending={actions.sending(instance)} onAction={(action) => actions.act(instance, action)} />}
    >
      {instance.state === "unknown" ? (
        <Alert tone="warn" title={`${instance.hostName ?? "Its host"} cannot be reached`} className="mb-5">
          Nobody knows whether the instance runs. What stands here is what the host said last; it is corrected as soon as the host answers.
        </Alert>
      ) : null}
      {instance.error ? <WireErrorNotice title={errorTitle(instance)} error={instance.error} className="mb-5" /> : null}
      <FindingsNotice instance={instance} />
      <InstanceTabs instance={instance} actions={actions} />
      {actions.dialog}
    </Page>
  );
}

function errorTitle(instance: InstanceView): string {
  if (instance.state === "failed") return `${instance.name} failed on ${instance.hostName ?? "its host"}`;
  if (instance.state === "crashed") return `${instance.name} crashed; its host starts it again`;
  return "The last attempt did not work";
}

function DetailSkeleton() {
  return (
    <div role="status" aria-label="Loading this instance…" className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <Skeleton className="h-96 rounded-xl" />
      <Skeleton className="h-72 rounded-xl" />
    </div>
  );
}
