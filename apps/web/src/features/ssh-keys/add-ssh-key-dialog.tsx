"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { Textarea } from "@/ui/textarea";
import { nameFromKey } from "./ssh-key-name";

interface AddSshKeyDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onAdded?: (id: `key-${string}`) => void;
}

export function AddSshKeyDialog({ open, onOpenChange, onAdded }: AddSshKeyDialogProps) {
  const t = useTranslations("sshKeys");
  const common = useTranslations("common");
  const say = useKnownWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const [publicKey, setPublicKey] = useState("");
  const [name, setName] = useState("");
  const create = useMutation({
    ...trpc.sshKey.create.mutationOptions(),
    onSuccess: async (key) => {
      await queryClient.invalidateQueries(trpc.sshKey.list.pathFilter());
      onAdded?.(key.id);
      onOpenChange(false);
    },
  });
  const { reset } = create;
  useEffect(() => {
    if (!open) return;
    setPublicKey("");
    setName("");
    reset();
  }, [open, reset]);
  const wire = create.error === null ? null : wireErrorOf(create.error);
  const itsOwnName = nameFromKey(publicKey, t);
  const effectiveName = name.trim() === "" ? itsOwnName : name.trim();
  const looksPrivate = publicKey.includes("PRIVATE KEY");
  return (
    <FormDialog
      open={open}
      onClose={() => onOpenChange(false)}
      title={t("add")}
      description={t.rich("dialog.description", { file: (chunks) => <span className="font-mono text-[0.8125rem]">{chunks}</span> })}
      submitLabel={t("add")}
      pending={create.isPending}
      disabledReason={publicKey.trim() === "" ? t("dialog.pasteFirst") : looksPrivate ? t("dialog.isPrivate") : null}
      onSubmit={() => {
        create.mutate({ organizationId, name: effectiveName, publicKey: publicKey.trim() });
      }}
    >
      <Field
        label={t("dialog.publicKey")}
        error={looksPrivate ? t("dialog.isPrivateLong") : wire?.field === "publicKey" ? say(wire.message) : null}
      >
        <Textarea
          mono
          autoFocus
          rows={4}
          maxLength={4_000}
          // same in every language: it is what such a key looks like
          placeholder="ssh-ed25519 AAAA… you@laptop"
          value={publicKey}
          onChange={(event) => setPublicKey(event.target.value)}
        />
      </Field>
      <Field label={common("name")} optional error={wire?.field === "name" ? say(wire.message) : null}>
        <Input maxLength={100} placeholder={itsOwnName} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      {wire !== null && wire.field !== "publicKey" && wire.field !== "name" ? <ErrorNotice error={create.error} /> : null}
    </FormDialog>
  );
}
