"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useTRPC } from "@/lib/trpc";
import { ConfirmDialog } from "@/ui/confirm-dialog";

export function DeleteImageDialog({ image, onClose }: { image: ImageView | null; onClose: () => void }) {
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
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (open) return;
        remove.reset();
        onClose();
      }}
      title={`Delete ${image.name}?`}
      description="It can no longer be chosen, and its copies on hosts go when no instance needs them. Instances made from it stay."
      confirmLabel="Delete image"
      loading={remove.isPending}
      error={remove.error ? <ErrorNotice error={remove.error} /> : null}
      onConfirm={() => remove.mutate({ imageId: image.id })}
    />
  );
}
