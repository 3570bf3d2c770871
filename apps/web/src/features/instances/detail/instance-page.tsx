"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
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
  const t = useTranslations("instancesDetail");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const instance = useQuery(trpc.instance.get.queryOptions({ instanceId }));
  const crumbs = [{ label: common("instances"), href: paths.instances(organizationId) }];
  const gone = instance.error !== null && wireErrorOf(instance.error).code === "not_found";
  if (gone || instance.data?.state === "deleted") {
    return (
      <Page title={common("instance")} crumbs={crumbs}>
        <EmptyState
          title={instance.data ? t("deleted.title", { name: instance.data.name }) : t("missing.title")}
          description={instance.data ? t("deleted.description") : t("missing.description")}
          action={
            <Button asChild>
              <Link href={paths.instances(organizationId)}>{t("all")}</Link>
            </Button>
          }
        />
      </Page>
    );
  }
  if (instance.data === undefined) {
    return (
      <Page title={common("instance")} crumbs={crumbs} width="wide">
        <QueryView query={instance} what={t("what")} skeleton={<DetailSkeleton />}>
          {() => null}
        </QueryView>
      </Page>
    );
  }
  return <LoadedInstance instance={instance.data} crumbs={crumbs} />;
}

function LoadedInstance({ instance, crumbs }: { instance: InstanceView; crumbs: readonly { label: string; href: string }[] }) {
  const t = useTranslations("instancesDetail");
  const instances = useTranslations("instances");
  const actions = useInstanceActions();
  return (
    <Page
      width="wide"
      title={instance.name}
      crumbs={crumbs}
      badges={
        <>
          <InstanceStateBadge state={instance.state} />
          {instance.simulated ? <Badge tone="warn">{instances("simulated")}</Badge> : null}
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
        <Alert
          tone="warn"
          title={instance.hostName === null ? t("unreachable.titleUnnamed") : t("unreachable.title", { host: instance.hostName })}
          className="mb-5"
        >
          {t("unreachable.description")}
        </Alert>
      ) : null}
      {instance.error ? <WireErrorNotice title={errorTitle(instance, t)} error={instance.error} className="mb-5" /> : null}
      <FindingsNotice instance={instance} />
      <InstanceTabs instance={instance} actions={actions} />
      {actions.dialog}
    </Page>
  );
}

function errorTitle(instance: InstanceView, t: ReturnType<typeof useTranslations<"instancesDetail">>): string {
  const { name, hostName } = instance;
  if (instance.state === "failed")
    return hostName === null ? t("problem.failedUnnamed", { name }) : t("problem.failed", { name, host: hostName });
  if (instance.state === "crashed") return t("problem.crashed", { name });
  return t("problem.other");
}

function DetailSkeleton() {
  const t = useTranslations("instancesDetail");
  return (
    <div role="status" aria-label={t("loading")} className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <Skeleton className="h-96 rounded-xl" />
      <Skeleton className="h-72 rounded-xl" />
    </div>
  );
}
