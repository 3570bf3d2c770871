"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import type { SizeId } from "@indium/contract/ids";
import { GIB } from "@indium/contract/plain/bytes";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useFollowOperation } from "@/features/operations/operation-toasts";
import { ErrorNotice } from "@/features/shell/error-notice";
import { serverFieldErrors } from "@/lib/form-errors";
import { useFormat } from "@/lib/i18n/use-format";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";

interface ResizeDialogProps {
  instance: InstanceView;
  onClose: () => void;
}

const KEEP = "keep";

/** Processors, memory and a larger disk. Mounted while it is open, so that it begins with what is true then. */
export function ResizeDialog({ instance, onClose }: ResizeDialogProps) {
  const t = useTranslations("instancesSettings.resize");
  const format = useFormat();
  const say = useKnownWords();
  const common = useTranslations("common");
  const trpc = useTRPC();
  const follow = useFollowOperation();
  const held = Math.max(instance.diskBytes, instance.disk?.sizeBytes ?? 0);
  const [sizeId, setSizeId] = useState<SizeId | typeof KEEP>(KEEP);
  const [diskGib, setDiskGib] = useState(String(Math.ceil(held / GIB)));
  const sizes = useQuery(trpc.size.list.queryOptions());
  const resize = useMutation({
    ...trpc.instance.resize.mutationOptions(),
    onSuccess: (operation) => {
      follow(operation.id);
      onClose();
    },
  });
  const gib = /^\d{1,5}$/.test(diskGib.trim()) ? Number(diskGib) : null;
  const diskBytes = gib === null ? null : gib * GIB;
  // Rounded up to whole GiB for the eye: what is shown unchanged is no wish for more.
  const grows = diskBytes !== null && gib !== Math.ceil(held / GIB);
  const mistake = diskBytes === null ? t("giveWhole") : grows && diskBytes < held ? t("neverShrinks", { size: format.bytes(held) }) : null;
  const refused = serverFieldErrors(resize.error, ["diskBytes", "sizeId"], say);
  const nothing = sizeId === KEEP && !grows ? t("nothing") : null;
  return (
    <FormDialog
      onClose={onClose}
      title={t("title", { name: instance.name })}
      description={t("description")}
      submitLabel={t("submit")}
      pending={resize.isPending}
      disabledReason={mistake ?? nothing}
      onSubmit={() =>
        resize.mutate({ instanceId: instance.id, sizeId: sizeId === KEEP ? null : sizeId, diskBytes: grows ? diskBytes : null })
      }
    >
      <Field label={common("size")} hint={t("sizeHint")} error={refused?.sizeId ?? null}>
        <Select autoFocus value={sizeId} onChange={(event) => setSizeId(event.target.value as SizeId)}>
          <option value={KEEP}>{t("asItIs", { shape: format.shape(instance.vcpus, instance.memoryBytes) })}</option>
          {(sizes.data ?? [])
            .filter((size) => size.vcpus !== instance.vcpus || size.memoryBytes !== instance.memoryBytes)
            .map((size) => (
              <option key={size.id} value={size.id}>
                {size.name}: {format.shape(size.vcpus, size.memoryBytes)}
              </option>
            ))}
        </Select>
      </Field>
      {sizes.error ? <ErrorNotice error={sizes.error} onRetry={() => void sizes.refetch()} /> : null}
      <Field label={t("disk")} error={mistake ?? refused?.diskBytes ?? null} hint={t("diskHint", { size: format.bytes(held) })}>
        <Input inputMode="numeric" autoComplete="off" value={diskGib} onChange={(event) => setDiskGib(event.target.value)} />
      </Field>
      {resize.error !== null && refused === null ? <ErrorNotice error={resize.error} /> : null}
    </FormDialog>
  );
}
