"use client";

import type { TimelineStepView } from "@indium/contract/api/instance-views";
import { useTranslations } from "use-intl/react";
import { StepIcon } from "@/features/operations/step-icon";
import { progressFraction } from "@/lib/format";
import { useFormat } from "@/lib/i18n/use-format";
import { cn } from "@/ui/cn";
import { Progress } from "@/ui/progress";
import { GuestWords } from "./guest-words";
import { type StepPlace, stepName } from "./step-name";
import { StepTime } from "./step-time";
import { TimelineModules } from "./timeline-modules";

/** From the press of Create (or Start) to an answering SSH, with the seconds each thing took. */
export function Timeline({ instance }: { instance: StepPlace & { timeline: readonly TimelineStepView[] } }) {
  const t = useTranslations("instancesTimeline");
  const common = useTranslations("common");
  const format = useFormat();
  const steps = instance.timeline;
  if (steps.length === 0) return <p className="text-ink-3">{t("empty")}</p>;
  return (
    <ol aria-label={common("timeline")} className="flex flex-col">
      {steps.map((step, index) => (
        <li key={step.step} data-step={step.step} data-step-state={step.state} className="relative flex gap-3 pb-4 last:pb-0">
          {index < steps.length - 1 ? <span aria-hidden className="absolute top-6 bottom-0.5 left-[9.5px] w-px bg-line" /> : null}
          <StepIcon state={step.state} />
          <div className="min-w-0 flex-1">
            <div className="flex items-baseline justify-between gap-3">
              <p
                className={cn(
                  "min-w-0 break-words",
                  step.state === "pending" || step.state === "skipped" ? "text-ink-3" : "text-ink",
                  step.state === "running" && "font-medium",
                )}
              >
                {stepName(step, instance, t)}
              </p>
              <p className="tabular shrink-0 text-[0.8125rem] text-ink-3">
                <StepTime step={step} atSeconds={step.atSeconds} />
              </p>
            </div>
            {step.state === "running" && step.progress !== null ? (
              <div className="mt-1.5 max-w-sm">
                <Progress label={stepName(step, instance, t)} value={progressFraction(step.progress)} />
                <p className="tabular mt-1 text-ink-3 text-xs">{format.progress(step.progress)}</p>
              </div>
            ) : null}
            <Words step={step} />
            <TimelineModules stage={step} name={stepName(step, instance, t)} />
          </div>
        </li>
      ))}
    </ol>
  );
}

function Words({ step }: { step: TimelineStepView }) {
  const t = useTranslations("instancesTimeline");
  if (step.fromGuest) {
    // A stage that failed because of its modules says nothing that they do not say better.
    const isTheirs = step.modules.some((module) => module.state === "failed");
    return isTheirs ? null : <GuestWords message={step.message} detail={step.detail} />;
  }
  return (
    <>
      {step.message ? <p className="break-words text-[0.8125rem] text-ink-2">{step.message}</p> : null}
      {step.detail ? (
        <details className="mt-1">
          <summary className="w-fit rounded text-[0.8125rem] text-ink-2 hover:underline">{t("said")}</summary>
          <pre className="mt-1.5 max-h-64 overflow-auto whitespace-pre-wrap break-words rounded-md border border-line bg-sunken p-3 font-mono text-xs">
            {step.detail}
          </pre>
        </details>
      ) : null}
    </>
  );
}
