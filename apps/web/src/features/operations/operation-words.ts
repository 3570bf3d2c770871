import type { OperationView } from "@indium/contract/api/instance-views";
import type { OperationState } from "@indium/contract/states";
import type { useTranslations } from "use-intl/react";
import type { Tone } from "@/ui/tone";

export const OPERATION_LOOK: Record<OperationState, { tone: Tone; active: boolean }> = {
  pending: { tone: "quiet", active: true },
  running: { tone: "accent", active: true },
  waiting: { tone: "warn", active: true },
  succeeded: { tone: "good", active: false },
  failed: { tone: "bad", active: false },
  cancelled: { tone: "quiet", active: false },
};

export function hasEnded(state: OperationState): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

/** What a toast says of it: in place while it goes on, then once how it ended. */
export function operationSentence(
  operation: Pick<OperationView, "kind" | "state" | "instanceName">,
  t: ReturnType<typeof useTranslations<"operations">>,
): string {
  const what = operation.instanceName;
  switch (operation.state) {
    case "pending":
    case "running":
    case "waiting":
      return what === null ? t(`kinds.${operation.kind}.doingAlone`) : t(`kinds.${operation.kind}.doing`, { what });
    case "succeeded":
      return what === null ? t(`kinds.${operation.kind}.doneAlone`) : t(`kinds.${operation.kind}.done`, { what });
    case "failed":
    case "cancelled":
      return t(operation.state, { named: what === null ? "no" : "yes", what: what ?? "", noun: t(`kinds.${operation.kind}.noun`) });
  }
}
