"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { DeleteDialog } from "@/features/shell/delete-dialog";
import { useTRPC } from "@/lib/trpc";

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
    <DeleteDialog
      name={image.name}
      description="It can no longer be chosen, and its copies on hosts go when no instance needs them. Instances made from it stay."
      confirmLabel="Delete image"
      deletion={remove}
      onConfirm={() => remove.mutate({ imageId: image.id })}
      onClose={onClose}
    />
  );
}
