"use client";

import type { OperationId } from "@indium/contract/ids";
import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useTRPC } from "@/lib/trpc";
import { useToast } from "@/ui/toast";
import { hasEnded, operationSentence } from "./operation-words";

const FollowContext = createContext<((id: OperationId) => void) | null>(null);

/** Follow an operation that the user just started: a toast that says how it goes and how it ended, on whatever page they are. */
export function useFollowOperation(): (id: OperationId) => void {
  const follow = useContext(FollowContext);
  if (follow === null) throw new Error("this component belongs inside OperationToasts");
  return follow;
}

export function OperationToasts({ children }: { children: ReactNode }) {
  const [followed, setFollowed] = useState<readonly OperationId[]>([]);
  const follow = useCallback((id: OperationId) => setFollowed((ids) => (ids.includes(id) ? ids : [...ids, id])), []);
  const forget = useCallback((id: OperationId) => setFollowed((ids) => ids.filter((each) => each !== id)), []);
  return (
    <FollowContext.Provider value={follow}>
      {children}
      {followed.map((id) => (
        <FollowedOperation key={id} id={id} onEnd={forget} />
      ))}
    </FollowContext.Provider>
  );
}

function FollowedOperation({ id, onEnd }: { id: OperationId; onEnd: (id: OperationId) => void }) {
  const t = useTranslations("operations");
  const trpc = useTRPC();
  const toast = useToast();
  const { data: operation } = useQuery(trpc.operation.get.queryOptions({ operationId: id }));
  useEffect(() => {
    if (operation === undefined) return;
    const title = operationSentence(operation, t);
    if (!hasEnded(operation.state)) {
      toast.show({ tone: "busy", title, description: operation.waiting ?? undefined }, id);
      return;
    }
    const tone = operation.state === "succeeded" ? "good" : operation.state === "failed" ? "bad" : "info";
    toast.show({ tone, title, description: operation.error?.message }, id);
    onEnd(id);
  }, [operation, toast, id, onEnd, t]);
  return null;
}
