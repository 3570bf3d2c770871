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
      description={
        network.uplinkInterface === null
          ? `The network goes from ${network.hostName}, with its bridge and its rules. No instance is connected to it.`
          : `${network.hostName} moves the addresses of its bridge back to ${network.uplinkInterface} and removes the bridge. If its link to Indium does not outlive that, it keeps the bridge, says so on its page, and tries again later.`
      }
      confirmLabel="Delete network"
      deletion={remove}
      onConfirm={() => remove.mutate({ networkId: network.id })}
      onClose={onClose}
    />
  );
}
