"use client";

import type { NetworkView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { DeleteDialog } from "@/features/shell/delete-dialog";
import { useTRPC } from "@/lib/trpc";

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
    <DeleteDialog
      name={network.name}
      description={`The network goes from ${network.hostName}, with its bridge and its rules. No instance is connected to it.`}
      confirmLabel="Delete network"
      deletion={remove}
      onConfirm={() => remove.mutate({ networkId: network.id })}
      onClose={onClose}
    />
  );
}
