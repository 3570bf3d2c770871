"use client";

import type { InstanceView, TimelineModuleView, TimelineStepView } from "@indium/contract/api/instance-views";
import Link from "next/link";
import { paths } from "@/lib/path-builder";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { ACTION_WORDS, CONSOLE_ICON } from "../action-words";
import { GuestWords } from "./guest-words";
import { Timeline } from "./timeline";

interface TimelinePanelProps {
  instance: InstanceView;
  onReprovision: () => void;
  reprovisioning: boolean;
}

/** The timeline, and above it what failed in the guest, with what one does about that. */
export function TimelinePanel({ instance, onReprovision, reprovisioning }: TimelinePanelProps) {
  const failed = firstFailure(instance.timeline);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {failed === null ? null : (
        <Alert
          tone="bad"
          title={
            failed.module === null
              ? `${failed.stage.label} failed`
              : `cloud-init's module ${failed.module.name} failed${aboutOf(failed.module)}`
          }
          action={<Remedies instance={instance} onReprovision={onReprovision} reprovisioning={reprovisioning} />}
        >
          <GuestWords open message={(failed.module ?? failed.stage).message} detail={(failed.module ?? failed.stage).detail} />
          <p className="mt-1.5">
            {instance.state === "running"
              ? "The guest runs on: its console shows more, and /var/log/cloud-init-output.log in it all. "
              : null}
            Mend the user data under Settings and re-provision.
          </p>
        </Alert>
      )}
      <Timeline steps={instance.timeline} />
    </div>
  );
}

function Remedies({ instance, onReprovision, reprovisioning }: TimelinePanelProps) {
  const { openConsole, reprovision } = instance.actions;
  return (
    <>
      {openConsole.allowed ? (
        <Button size="sm" asChild>
          <Link href={paths.instanceConsole(instance.organizationId, instance.id)}>
            {CONSOLE_ICON}
            Open console
          </Link>
        </Button>
      ) : (
        <Button size="sm" disabledReason={openConsole.reason}>
          {CONSOLE_ICON}
          Open console
        </Button>
      )}
      <Button size="sm" loading={reprovisioning} disabledReason={reprovision.allowed ? null : reprovision.reason} onClick={onReprovision}>
        {reprovisioning ? null : ACTION_WORDS.reprovision.icon}
        {ACTION_WORDS.reprovision.label}
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

const aboutOf = (module: TimelineModuleView): string => (module.about === null ? "" : ` (${module.about})`);
