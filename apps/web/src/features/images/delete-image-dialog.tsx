"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { DeleteDialog } from "@/features/shell/delete-dialog";
import { useTRPC } from "@/lib/trpc";

export function DeleteImageDialog({ image, onClose }: { image: ImageView | null; onClose: () => void }) {
  const t = useTranslations("images");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const remove = useMutation({
    ...trpc.image.delete.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.image.list.pathFilter());
      onClose();
    },
  });
  if (image === null) return null;
  return (
    <DeleteDialog
      name={image.name}
      description={t("delete.description")}
      confirmLabel={t("delete.confirm")}
      deletion={remove}
      onConfirm={() => remove.mutate({ imageId: image.id })}
      onClose={onClose}
    />
  );
}
