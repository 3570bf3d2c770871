"use client";

import type { OperationView } from "@indium/contract/api/instance-views";
import { formatSeconds } from "@/lib/format";
import { StateBadge } from "@/ui/badge";
import { useNow } from "@/ui/clock";
import { OPERATION_STATE } from "./operation-words";

export function OperationStateBadge({ operation }: { operation: Pick<OperationView, "state"> }) {
  const { label, tone, active } = OPERATION_STATE[operation.state];
  return (
    <StateBadge tone={tone} active={active}>
      {label}
    </StateBadge>
  );
}

/** How long it took, or has taken so far. */
export function OperationDuration({ operation }: { operation: Pick<OperationView, "createdAt" | "endedAt"> }) {
  return operation.endedAt === null ? (
    <RunningFor since={operation.createdAt} />
  ) : (
    <span className="tabular">{formatSeconds((operation.endedAt.getTime() - operation.createdAt.getTime()) / 1_000)}</span>
  );
}

function RunningFor({ since }: { since: Date }) {
  const now = useNow();
  return (
    <span className="tabular">
      {now === null ? "" : formatSeconds(Math.max(0, Math.floor((now - since.getTime()) / 1_000))).replace(".0", "")}
    </span>
  );
}
