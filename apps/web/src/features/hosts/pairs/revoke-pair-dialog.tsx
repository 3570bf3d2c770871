"use client";

import type { HostPairView, HostView } from "@indium/contract/api/host-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useTRPC } from "@/lib/trpc";
import { ConfirmDialog } from "@/ui/confirm-dialog";

/** Says what is cut. Mounted while it is open. */
export function RevokePairDialog({ host, pair, onClose }: { host: HostView; pair: HostPairView; onClose: () => void }) {
  const t = useTranslations("hosts.pairs.revoking");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const revoke = useMutation({
    ...trpc.host.revokePair.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.host.pairs.pathFilter());
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t("title", { name: host.name, other: pair.name })}
      description={t("description")}
      confirmLabel={t("submit")}
      loading={revoke.isPending}
      onConfirm={() => revoke.mutate({ hostId: host.id, peerId: pair.hostId })}
      error={revoke.error ? <ErrorNotice error={revoke.error} /> : null}
    />
  );
}
