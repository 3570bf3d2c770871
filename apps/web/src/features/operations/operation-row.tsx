"use client";

import type { OperationView } from "@indium/contract/api/instance-views";
import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { StateBadge } from "@/ui/badge";
import { useNow } from "@/ui/clock";
import { OPERATION_LOOK } from "./operation-words";

export function OperationStateBadge({ operation }: { operation: Pick<OperationView, "state"> }) {
  const t = useTranslations("operations.states");
  const { tone, active } = OPERATION_LOOK[operation.state];
  return (
    <StateBadge tone={tone} active={active}>
      {t(operation.state)}
    </StateBadge>
  );
}

/** "Create instance": what was asked for. */
export function OperationNoun({ kind }: { kind: OperationView["kind"] }) {
  const t = useTranslations("operations");
  return t(`kinds.${kind}.noun`);
}

/** How long it took, or has taken so far. */
export function OperationDuration({ operation }: { operation: Pick<OperationView, "createdAt" | "endedAt"> }) {
  const format = useFormat();
  return operation.endedAt === null ? (
    <RunningFor since={operation.createdAt} />
  ) : (
    <span className="tabular">{format.seconds((operation.endedAt.getTime() - operation.createdAt.getTime()) / 1_000)}</span>
  );
}

function RunningFor({ since }: { since: Date }) {
  const format = useFormat();
  const now = useNow();
  return (
    <span className="tabular">
      {now === null ? "" : format.seconds(Math.max(0, Math.floor((now - since.getTime()) / 1_000))).replace(/[.,]0 /, " ")}
    </span>
  );
}
