"use client";

import type { OperationId } from "@indium/contract/ids";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslations } from "use-intl/react";
import { useTRPC } from "@/lib/trpc";
import { useToast } from "@/ui/toast";
import { hasEnded, operationSentence } from "./operation-words";

/** Keeps an operation's toast as it goes, until it has ended. */
export function FollowedOperation({ id, onEnd }: { id: OperationId; onEnd: (id: OperationId) => void }) {
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
