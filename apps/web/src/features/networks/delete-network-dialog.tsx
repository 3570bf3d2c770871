"use client";

import type { NetworkView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useTRPC } from "@/lib/trpc";
import { ConfirmDialog } from "@/ui/confirm-dialog";

export function DeleteNetworkDialog({ network, onClose }: { network: NetworkView | null; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation({
    ...trpc.network.delete.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.network.list.pathFilter());
      onClose();
    },
  });
  if (network === null) return null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (open) return;
        remove.reset();
        onClose();
      }}
      title={`Delete ${network.name}?`}
      description={`The network goes from ${network.hostName}, with its bridge and its rules. No instance is connected to it.`}
      confirmLabel="Delete network"
      loading={remove.isPending}
      error={remove.error ? <ErrorNotice error={remove.error} /> : null}
      onConfirm={() => remove.mutate({ networkId: network.id })}
    />
  );
}
