"use client";

import type { OperationView } from "@indium/contract/api/instance-views";
import { WireErrorNotice } from "@/features/shell/error-notice";
import { formatSeconds } from "@/lib/format";
import { Dialog } from "@/ui/dialog";
import { OPERATION_WORDS } from "./operation-words";
import { StepIcon } from "./step-icon";

export function OperationDialog({ operation, onClose }: { operation: OperationView | null; onClose: () => void }) {
  if (operation === null) return null;
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`${OPERATION_WORDS[operation.kind].noun}${operation.instanceName ? ` · ${operation.instanceName}` : ""}`}
      description={
        <span>
          Asked for {operation.startedBy ? `by ${operation.startedBy} ` : ""}on {operation.createdAt.toLocaleString()}
        </span>
      }
    >
      <div className="flex flex-col gap-4">
        {operation.error ? <WireErrorNotice error={operation.error} /> : null}
        <ol aria-label="Steps" className="flex flex-col gap-3">
          {operation.steps.map((step) => (
            <li key={step.name} className="flex items-start gap-2.5">
              <StepIcon state={step.state} />
              <div className="min-w-0 flex-1">
                <p className="text-ink">{step.name}</p>
                {step.message ? <p className="break-words text-[0.8125rem] text-ink-2">{step.message}</p> : null}
              </div>
              {step.startedAt !== null && step.endedAt !== null ? (
                <span className="tabular shrink-0 text-[0.8125rem] text-ink-3">
                  {formatSeconds((step.endedAt.getTime() - step.startedAt.getTime()) / 1_000)}
                </span>
              ) : null}
            </li>
          ))}
          {operation.steps.length === 0 ? <li className="text-ink-3">No steps have begun.</li> : null}
        </ol>
      </div>
    </Dialog>
  );
}
