"use client";

import type { InstanceView, TimelineModuleView, TimelineStepView } from "@indium/contract/api/instance-views";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { paths } from "@/lib/path-builder";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { useActionDenial } from "../action-denial";
import { ACTION_ICON, CONSOLE_ICON } from "../action-words";
import { GuestWords } from "./guest-words";
import { moduleAbout, stepName } from "./step-name";
import { Timeline } from "./timeline";

interface TimelinePanelProps {
  instance: InstanceView;
  onReprovision: () => void;
  reprovisioning: boolean;
}

/** The timeline, and above it what failed in the guest, with what one does about that. */
export function TimelinePanel({ instance, onReprovision, reprovisioning }: TimelinePanelProps) {
  const t = useTranslations("instancesTimeline");
  const failed = firstFailure(instance.timeline);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {failed === null ? null : (
        <Alert
          tone="bad"
          title={failureTitle(failed, instance, t)}
          action={<Remedies instance={instance} onReprovision={onReprovision} reprovisioning={reprovisioning} />}
        >
          <GuestWords open message={(failed.module ?? failed.stage).message} detail={(failed.module ?? failed.stage).detail} />
          <p className="mt-1.5">
            {instance.state === "running" ? `${t("runsOn")} ` : null}
            {t("mend")}
          </p>
        </Alert>
      )}
      <Timeline instance={instance} />
    </div>
  );
}

function Remedies({ instance, onReprovision, reprovisioning }: TimelinePanelProps) {
  const t = useTranslations("instancesTimeline");
  const action = useTranslations("instances.actions");
  const denialOf = useActionDenial();
  const consoleDenial = denialOf("openConsole", instance.actions.openConsole);
  return (
    <>
      {consoleDenial === null ? (
        <Button size="sm" asChild>
          <Link href={paths.instanceConsole(instance.organizationId, instance.id)}>
            {CONSOLE_ICON}
            {t("openConsole")}
          </Link>
        </Button>
      ) : (
        <Button size="sm" disabledReason={consoleDenial}>
          {CONSOLE_ICON}
          {t("openConsole")}
        </Button>
      )}
      <Button
        size="sm"
        loading={reprovisioning}
        disabledReason={denialOf("reprovision", instance.actions.reprovision)}
        onClick={onReprovision}
      >
        {reprovisioning ? null : ACTION_ICON.reprovision}
        {action("reprovision")}
      </Button>
    </>
  );
}

interface Failure {
  stage: TimelineStepView;
  module: TimelineModuleView | null;
}

/** Of the guest's own: what the host could not do stands in the instance's error. The first, because the rest often follows from it. */
function firstFailure(steps: readonly TimelineStepView[]): Failure | null {
  for (const stage of steps) {
    if (!stage.fromGuest) continue;
    const module = stage.modules.find((each) => each.state === "failed") ?? null;
    if (module !== null || stage.state === "failed") return { stage, module };
  }
  return null;
}

function failureTitle(
  { stage, module }: Failure,
  instance: InstanceView,
  t: ReturnType<typeof useTranslations<"instancesTimeline">>,
): string {
  if (module === null) return t("stageFailed", { stage: stepName(stage, instance, t) });
  const about = moduleAbout(module, t);
  return about === null ? t("moduleFailed", { module: module.name }) : t("moduleFailedAbout", { module: module.name, about });
}
