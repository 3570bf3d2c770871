"use client";

import type { ImageView } from "@indium/contract/api/catalogue-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Eraser } from "lucide-react";
import { useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial } from "@/features/shell/organization-context";
import { formatBytes, plural } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { useToast } from "@/ui/toast";

/** Frees the room that an unused copy takes on its host. */
export function EvictCopy({ image, copy }: { image: ImageView; copy: ImageView["copies"][number] }) {
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
        title: `Removed ${image.name} from ${copy.hostName}`,
        description: `${formatBytes(freedBytes)} are free again.`,
      });
      setAsking(false);
    },
  });
  const inUse =
    copy.instanceCount > 0
      ? `${plural(copy.instanceCount, "instance")} on ${copy.hostName} ${copy.instanceCount === 1 ? "is" : "are"} made of it.`
      : null;
  return (
    <>
      <IconButton
        label={`Remove the copy of ${image.name} from ${copy.hostName}`}
        size="iconSm"
        disabledReason={denial ?? inUse ?? (copy.state === "ready" ? null : "There is no whole copy to remove.")}
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
        title={`Remove ${image.name} from ${copy.hostName}?`}
        description="The host fetches the image again when the next instance is made of it there. No instance there is made of it now."
        confirmLabel="Remove copy"
        loading={evict.isPending}
        error={evict.error === null ? null : <ErrorNotice error={evict.error} />}
        onConfirm={() => evict.mutate({ hostId: copy.hostId, imageId: image.id })}
      />
    </>
  );
}
