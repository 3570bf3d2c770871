"use client";

import type { OperationView } from "@indium/contract/api/instance-views";
import { useTranslations } from "use-intl/react";
import { WireErrorNotice } from "@/features/shell/error-notice";
import { useFormat } from "@/lib/i18n/use-format";
import { Dialog } from "@/ui/dialog";
import { StepIcon } from "./step-icon";

export function OperationDialog({ operation, onClose }: { operation: OperationView | null; onClose: () => void }) {
  const t = useTranslations("operations");
  const format = useFormat();
  if (operation === null) return null;
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={[t(`kinds.${operation.kind}.noun`), operation.instanceName].filter(Boolean).join(" · ")}
      description={
        <span>
          {operation.startedBy === null
            ? t("dialog.asked", { when: format.dateTime(operation.createdAt) })
            : t("dialog.askedBy", { who: operation.startedBy, when: format.dateTime(operation.createdAt) })}
        </span>
      }
    >
      <div className="flex flex-col gap-4">
        {operation.error ? <WireErrorNotice error={operation.error} /> : null}
        <ol aria-label={t("steps")} className="flex flex-col gap-3">
          {operation.steps.map((step) => (
            <li key={step.name} className="flex items-start gap-2.5">
              <StepIcon state={step.state} />
              <div lang="en" className="min-w-0 flex-1">
                <p className="text-ink">{step.name}</p>
                {step.message ? <p className="break-words text-[0.8125rem] text-ink-2">{step.message}</p> : null}
              </div>
              {step.startedAt !== null && step.endedAt !== null ? (
                <span className="tabular shrink-0 text-[0.8125rem] text-ink-3">
                  {format.seconds((step.endedAt.getTime() - step.startedAt.getTime()) / 1_000)}
                </span>
              ) : null}
            </li>
          ))}
          {operation.steps.length === 0 ? <li className="text-ink-3">{t("dialog.noSteps")}</li> : null}
        </ol>
      </div>
    </Dialog>
  );
}
