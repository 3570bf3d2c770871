"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { useQuery } from "@tanstack/react-query";
import { Maximize2 } from "lucide-react";
import Link from "next/link";
import { ConsolePanel } from "@/features/console/console-panel";
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
import { Section } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { Skeleton } from "@/ui/skeleton";
import { InstanceStateBadge } from "../instance-state";
import { useInstanceActions } from "../use-instance-actions";
import { WaitingNote } from "../waiting-note";
import { ActionBar } from "./action-bar";
import { FindingsNotice } from "./findings-notice";
import { InstanceFacts, InstanceUsage } from "./instance-facts";
import { Networking } from "./networking";
import { RefusedTraffic } from "./refused-traffic";
import { SerialLog } from "./serial-log";
import { InstanceSettings } from "./settings/instance-settings";
import { SshLine } from "./ssh-line";
import { Timeline } from "./timeline";

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
  const consoleVerdict = instance.actions.openConsole;
  const deleteVerdict = instance.actions.delete;
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
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <Section
            title="Console"
            flush
            aside={
              <Button
                size="sm"
                variant="ghost"
                asChild={consoleVerdict.allowed}
                disabledReason={consoleVerdict.allowed ? null : consoleVerdict.reason}
              >
                {consoleVerdict.allowed ? (
                  <Link href={paths.instanceConsole(instance.organizationId, instance.id)}>
                    <Maximize2 aria-hidden />
                    Open on its own page
                  </Link>
                ) : (
                  <>
                    <Maximize2 aria-hidden />
                    Open on its own page
                  </>
                )}
              </Button>
            }
          >
            <ConsolePanel instance={instance} />
          </Section>
          <Section title="Overview">
            <InstanceUsage instance={instance} />
            <InstanceFacts instance={instance} />
          </Section>
          <Section title="Networking" flush>
            <Networking instance={instance} />
            {instance.hostId !== null && instance.nics.length > 0 ? <RefusedTraffic instance={instance} /> : null}
          </Section>
          <Section title="Settings">
            <InstanceSettings
              instance={instance}
              reprovisioning={actions.sending(instance) === "reprovision"}
              onReprovision={() => actions.act(instance, "reprovision")}
            />
          </Section>
          <Section title="Logs">
            <SerialLog instanceId={instance.id} />
          </Section>
          <Section title="Delete this instance">
            <div className="flex flex-wrap items-center justify-between gap-4">
              <p className="min-w-0 flex-1 basis-64 text-pretty text-ink-2">
                Its disk and everything on it go with it. There is no way back.
              </p>
              <Button
                variant="dangerQuiet"
                loading={actions.sending(instance) === "delete"}
                disabledReason={deleteVerdict.allowed ? null : deleteVerdict.reason}
                onClick={() => actions.act(instance, "delete")}
              >
                Delete instance
              </Button>
            </div>
          </Section>
        </div>
        <div className="flex min-w-0 flex-col gap-5 max-xl:order-first">
          {instance.ssh ? (
            <div className="rounded-xl border border-line bg-surface p-4 shadow-card">
              <SshLine ssh={instance.ssh} />
            </div>
          ) : null}
          <Section title="Timeline">
            <Timeline steps={instance.timeline} />
          </Section>
        </div>
      </div>
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
