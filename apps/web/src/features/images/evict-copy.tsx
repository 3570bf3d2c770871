"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Eraser } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial } from "@/features/shell/organization-context";
import { useFormat } from "@/lib/i18n/use-format";
import { useTRPC } from "@/lib/trpc";
import { IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { useToast } from "@/ui/toast";

/** Frees the room that an unused copy takes on its host. */
export function EvictCopy({ image, copy }: { image: ImageView; copy: ImageView["copies"][number] }) {
  const t = useTranslations("images");
  const format = useFormat();
  const names = { name: image.name, host: copy.hostName };
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const denial = useDenial("host.manage");
  const [asking, setAsking] = useState(false);
  const evict = useMutation({
    ...trpc.image.evict.mutationOptions(),
    onSuccess: async ({ freedBytes }) => {
      await queryClient.invalidateQueries(trpc.image.pathFilter());
      toast.show({
        tone: "good",
        title: t("evict.done", names),
        description: t("evict.freed", { size: format.bytes(freedBytes) }),
      });
      setAsking(false);
    },
  });
  const inUse = copy.instanceCount > 0 ? t("evict.inUse", { count: copy.instanceCount, host: copy.hostName }) : null;
  return (
    <>
      <IconButton
        label={t("evict.open", names)}
        size="iconSm"
        disabledReason={denial ?? inUse ?? (copy.state === "ready" ? null : t("evict.notWhole"))}
        onClick={() => {
          evict.reset();
          setAsking(true);
        }}
      >
        <Eraser aria-hidden />
      </IconButton>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("evict.title", names)}
        description={t("evict.description")}
        confirmLabel={t("evict.confirm")}
        loading={evict.isPending}
        error={evict.error === null ? null : <ErrorNotice error={evict.error} />}
        onConfirm={() => evict.mutate({ hostId: copy.hostId, imageId: image.id })}
      />
    </>
  );
}
