"use client";

import type { BulkAction, InstanceListItem, OperationView } from "@indium/contract/api/instance-views";
import type { WireError } from "@indium/contract/errors";
import type { OperationId, OrganizationId } from "@indium/contract/ids";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { hasEnded } from "@/features/operations/operation-words";
import { useTRPC, useTRPCClient } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { partsOf } from "./bulk-plan";

type Subject = Pick<InstanceListItem, "id" | "name">;
type Outcome = { readonly operationId: OperationId } | { readonly error: WireError };

/** How one instance stands: not asked for yet, asked for, refused, or how its operation ended. */
export type BulkItem = { readonly instance: Subject } & (
  | { readonly state: "queued" | "skipped" }
  | { readonly state: "refused"; readonly error: WireError }
  | { readonly state: "working"; readonly operation: OperationView | null }
  | { readonly state: "succeeded" | "failed" | "cancelled"; readonly operation: OperationView }
);

/** Followed at a time: of those under way the ones asked for first, and of a larger selection the others as these end. */
const FOLLOWED = 200;

export interface BulkRun {
  readonly items: readonly BulkItem[];
  /** Requests are still being sent. */
  readonly sending: boolean;
  readonly start: () => void;
  /** Sends no more; what was accepted goes on. */
  readonly stop: () => void;
}

/** Asks for an action on each instance, in parts, and follows the operations that come of it. */
export function useBulkRun(organizationId: OrganizationId, action: BulkAction, instances: readonly Subject[]): BulkRun {
  const client = useTRPCClient();
  const trpc = useTRPC();
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [phase, setPhase] = useState<"before" | "sending" | "sent">("before");
  const stopped = useRef(false);
  const begun = useRef(false);

  const send = async () => {
    // React runs a first effect twice while developing; guests are stopped once.
    if (begun.current) return;
    begun.current = true;
    setPhase("sending");
    for (const part of partsOf(instances)) {
      if (stopped.current) break;
      const answered = await sendPart(part);
      setOutcomes((before) => new Map([...before, ...answered]));
    }
    setPhase("sent");
  };
  const sendPart = async (part: readonly Subject[]): Promise<(readonly [string, Outcome])[]> => {
    try {
      const { items } = await client.instance.actMany.mutate({ organizationId, action, instanceIds: part.map((each) => each.id) });
      return items.map((item) => [item.instanceId, item.accepted ? { operationId: item.operationId } : { error: item.error }]);
    } catch (error) {
      const wire = wireErrorOf(error);
      return part.map((each) => [each.id, { error: wire }]);
    }
  };

  const [ended, setEnded] = useState<ReadonlyMap<string, OperationView>>(new Map());
  const ids = [...outcomes.values()]
    .flatMap((outcome) => ("operationId" in outcome && !ended.has(outcome.operationId) ? [outcome.operationId] : []))
    .slice(0, FOLLOWED);
  const operations = useQuery({
    ...trpc.operation.list.queryOptions({ organizationId, ids, limit: FOLLOWED }),
    enabled: ids.length > 0,
    placeholderData: (before) => before,
  });
  const followed = operations.data?.items;
  useEffect(() => {
    const over = (followed ?? []).filter((operation) => hasEnded(operation.state));
    if (over.length > 0) setEnded((before) => new Map([...before, ...over.map((operation) => [operation.id, operation] as const)]));
  }, [followed]);
  const byId = new Map([...(followed ?? []).map((operation) => [operation.id, operation] as const), ...ended]);

  return {
    items: instances.map((instance): BulkItem => {
      const outcome = outcomes.get(instance.id);
      if (outcome === undefined) return { instance, state: phase === "sent" ? "skipped" : "queued" };
      if ("error" in outcome) return { instance, state: "refused", error: outcome.error };
      const operation = byId.get(outcome.operationId) ?? null;
      if (operation === null || !hasEnded(operation.state)) return { instance, state: "working", operation };
      return { instance, state: operation.state as "succeeded" | "failed" | "cancelled", operation };
    }),
    sending: phase === "sending",
    start: () => void send(),
    stop: useCallback(() => {
      stopped.current = true;
    }, []),
  };
}
