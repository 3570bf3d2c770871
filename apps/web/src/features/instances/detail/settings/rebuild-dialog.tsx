"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import type { ImageId } from "@indium/contract/ids";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useFollowOperation } from "@/features/operations/operation-toasts";
import { ErrorNotice } from "@/features/shell/error-notice";
import { serverFieldErrors } from "@/lib/form-errors";
import { useTRPC } from "@/lib/trpc";
import { Checkbox } from "@/ui/checkbox";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";

interface RebuildDialogProps {
  instance: InstanceView;
  onClose: () => void;
}

/** A new disk for the same instance. Mounted while it is open. */
export function RebuildDialog({ instance, onClose }: RebuildDialogProps) {
  const trpc = useTRPC();
  const follow = useFollowOperation();
  const [imageId, setImageId] = useState<ImageId>(instance.imageId);
  const [start, setStart] = useState(true);
  const images = useQuery(trpc.image.list.queryOptions({ organizationId: instance.organizationId }));
  const rebuild = useMutation({
    ...trpc.instance.rebuild.mutationOptions(),
    onSuccess: (operation) => {
      follow(operation.id);
      onClose();
    },
  });
  const usable = (images.data ?? []).filter((image) => image.state === "ready" || image.id === instance.imageId);
  const refused = serverFieldErrors(rebuild.error, ["imageId"]);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Rebuild ${instance.name}?`}
      description="It gets a new disk made from an image, and starts over as a new system."
      confirmLabel="Rebuild"
      loading={rebuild.isPending}
      typeToConfirm={instance.name}
      onConfirm={() => rebuild.mutate({ instanceId: instance.id, imageId: imageId === instance.imageId ? null : imageId, start })}
      error={rebuild.error !== null && refused === null ? <ErrorNotice error={rebuild.error} /> : null}
    >
      <Field label="Image" error={refused?.imageId ?? null}>
        <Select value={imageId} onChange={(event) => setImageId(event.target.value as ImageId)}>
          {usable.some((image) => image.id === instance.imageId) ? null : <option value={instance.imageId}>{instance.imageName}</option>}
          {usable.map((image) => (
            <option key={image.id} value={image.id}>
              {image.name}
              {image.id === instance.imageId ? " (the one it has)" : ""}
            </option>
          ))}
        </Select>
      </Field>
      {images.error ? <ErrorNotice error={images.error} onRetry={() => void images.refetch()} /> : null}
      <ul className="list-disc space-y-1.5 pl-5 text-ink-2">
        <li>
          <strong className="font-medium text-ink">Goes:</strong> the disk with everything on it, the firmware's settings, the TPM's keys
          and the serial log. Nobody can bring them back.
        </li>
        <li>
          <strong className="font-medium text-ink">Stays:</strong> the instance's id and name, its addresses and MAC addresses, its security
          groups, keys and tags.
        </li>
        <li>Password and user data are given to the new system at its first boot, replaced ones included.</li>
        <li>The old system keeps running until the new disk is there. If that fails, nothing is lost.</li>
      </ul>
      <Checkbox label="Start it afterwards" checked={start} onCheckedChange={setStart} />
    </ConfirmDialog>
  );
}
