"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";

interface HostDialogProps {
  host: HostView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function RenameHostDialog({ host, open, onOpenChange }: HostDialogProps) {
  const t = useTranslations("hosts");
  const say = useKnownWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [name, setName] = useState(host.name);
  const rename = useMutation({
    ...trpc.host.rename.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.host.pathFilter());
      onOpenChange(false);
    },
  });
  const { reset } = rename;
  useEffect(() => {
    if (!open) return;
    setName(host.name);
    reset();
  }, [open, host.name, reset]);
  return (
    <FormDialog
      open={open}
      onClose={() => onOpenChange(false)}
      title={t("renaming.title")}
      description={t("renaming.description")}
      submitLabel={t("rename")}
      pending={rename.isPending}
      disabledReason={name.trim() === "" ? t("giveName") : null}
      onSubmit={() => {
        rename.mutate({ hostId: host.id, name: name.trim() });
      }}
    >
      <Field label={t("name")} error={rename.error ? say(wireErrorOf(rename.error).message) : null}>
        <Input autoFocus maxLength={63} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
