"use client";

import type { NetworkView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { DeleteDialog } from "@/features/shell/delete-dialog";
import { useTRPC } from "@/lib/trpc";

export function DeleteNetworkDialog({ network, onClose }: { network: NetworkView | null; onClose: () => void }) {
  const t = useTranslations("networks.delete");
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
          ? t("description", { host: network.hostName })
          : t("descriptionUplink", { host: network.hostName, uplink: network.uplinkInterface })
      }
      confirmLabel={t("confirm")}
      deletion={remove}
      onConfirm={() => remove.mutate({ networkId: network.id })}
      onClose={onClose}
    />
  );
}
