"use client";

import type { TimelineModuleView, TimelineStepView } from "@indium/contract/api/instance-views";
import { useTranslations } from "use-intl/react";
import { StepIcon } from "@/features/operations/step-icon";
import type { Format } from "@/lib/i18n/format";
import { useFormat } from "@/lib/i18n/use-format";
import { cn } from "@/ui/cn";
import { GuestWords } from "./guest-words";
import { moduleAbout } from "./step-name";
import { StepTime, tookSeconds } from "./step-time";

/** What a stage of cloud-init consists of: folded away when all is well, open while it runs and where it failed. */
export function TimelineModules({ stage, name }: { stage: TimelineStepView; name: string }) {
  const t = useTranslations("instancesTimeline");
  const format = useFormat();
  const { modules } = stage;
  if (modules.length === 0) return null;
  const isOpen = stage.state === "running" || stage.state === "failed" || modules.some((module) => module.state === "failed");
  return (
    <details open={isOpen ? true : undefined} className="mt-0.5">
      <summary className="w-fit rounded text-[0.8125rem] text-ink-2 hover:underline">{summaryOf(modules, t, format)}</summary>
      <ul aria-label={t("modulesOf", { stage: name })} className="mt-1.5 flex flex-col gap-1 border-line border-l pl-3">
        {modules.map((module) => (
          <li key={module.step} data-module={module.name} data-module-state={module.state}>
            <div className="flex items-baseline justify-between gap-3">
              <div className="flex min-w-0 items-center gap-2">
                <StepIcon state={module.state} />
                <p className={cn("min-w-0 break-words text-[0.8125rem]", module.state === "failed" && "font-medium text-bad")}>
                  <span className="font-mono">{module.name}</span>
                  {module.about === null ? null : <span className="ml-2 text-ink-3">{moduleAbout(module, t)}</span>}
                </p>
              </div>
              <p className="tabular shrink-0 text-ink-3 text-xs">
                <StepTime step={module} />
              </p>
            </div>
            {module.message !== null || module.detail !== null ? (
              <div className="pb-1 pl-7">
                <GuestWords message={module.message} detail={module.detail} />
              </div>
            ) : null}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** "14 modules, longest: ssh" */
function summaryOf(
  modules: readonly TimelineModuleView[],
  t: ReturnType<typeof useTranslations<"instancesTimeline">>,
  format: Format,
): string {
  const failed = modules.filter((module) => module.state === "failed");
  const count = modules.length;
  if (failed.length > 0) return t("modulesFailed", { count, failed: format.count(failed.length) });
  const [longest] = [...modules].sort((left, right) => (tookSeconds(right) ?? 0) - (tookSeconds(left) ?? 0));
  return longest === undefined || (tookSeconds(longest) ?? 0) < 1
    ? t("modules", { count })
    : t("modulesLongest", { count, name: longest.name });
}
