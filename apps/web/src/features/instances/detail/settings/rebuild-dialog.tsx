"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import type { ImageId } from "@indium/contract/ids";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useFollowOperation } from "@/features/operations/operation-toasts";
import { ErrorNotice } from "@/features/shell/error-notice";
import { serverFieldErrors } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
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
  const t = useTranslations("instancesSettings.rebuild");
  const say = useKnownWords();
  const common = useTranslations("common");
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
  const refused = serverFieldErrors(rebuild.error, ["imageId"], say);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t("title", { name: instance.name })}
      description={t("description")}
      confirmLabel={t("submit")}
      loading={rebuild.isPending}
      typeToConfirm={instance.name}
      onConfirm={() => rebuild.mutate({ instanceId: instance.id, imageId: imageId === instance.imageId ? null : imageId, start })}
      error={rebuild.error !== null && refused === null ? <ErrorNotice error={rebuild.error} /> : null}
    >
      <Field label={common("image")} error={refused?.imageId ?? null}>
        <Select value={imageId} onChange={(event) => setImageId(event.target.value as ImageId)}>
          {usable.some((image) => image.id === instance.imageId) ? null : <option value={instance.imageId}>{instance.imageName}</option>}
          {usable.map((image) => (
            <option key={image.id} value={image.id}>
              {image.id === instance.imageId ? t("itsImage", { image: image.name }) : image.name}
            </option>
          ))}
        </Select>
      </Field>
      {images.error ? <ErrorNotice error={images.error} onRetry={() => void images.refetch()} /> : null}
      <ul className="list-disc space-y-1.5 pl-5 text-ink-2">
        <li>{t.rich("goes", { b: emphasized })}</li>
        <li>{t.rich("stays", { b: emphasized })}</li>
        <li>{t("secrets")}</li>
        <li>{t("oldRuns")}</li>
      </ul>
      <Checkbox label={t("start")} checked={start} onCheckedChange={setStart} />
    </ConfirmDialog>
  );
}

const emphasized = (words: ReactNode) => <strong className="font-medium text-ink">{words}</strong>;
