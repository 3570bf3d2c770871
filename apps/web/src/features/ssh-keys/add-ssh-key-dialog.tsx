"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
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
  const effectiveName = name.trim() === "" ? nameFromKey(publicKey) : name.trim();
  const looksPrivate = publicKey.includes("PRIVATE KEY");
  return (
    <FormDialog
      open={open}
      onClose={() => onOpenChange(false)}
      title="Add SSH key"
      description={
        <>
          The public half, as it stands in <span className="font-mono text-[0.8125rem]">~/.ssh/id_ed25519.pub</span>.
        </>
      }
      submitLabel="Add SSH key"
      pending={create.isPending}
      disabledReason={
        publicKey.trim() === "" ? "Paste a public key first." : looksPrivate ? "This is a private key. Paste the .pub file." : null
      }
      onSubmit={() => {
        create.mutate({ organizationId, name: effectiveName, publicKey: publicKey.trim() });
      }}
    >
      <Field
        label="Public key"
        error={
          looksPrivate
            ? "This is a private key: it belongs on your computer only. Paste the file that ends in .pub."
            : wire?.field === "publicKey"
              ? wire.message
              : null
        }
      >
        <Textarea
          mono
          autoFocus
          rows={4}
          maxLength={4_000}
          placeholder="ssh-ed25519 AAAA… you@laptop"
          value={publicKey}
          onChange={(event) => setPublicKey(event.target.value)}
        />
      </Field>
      <Field label="Name" optional error={wire?.field === "name" ? wire.message : null}>
        <Input maxLength={100} placeholder={nameFromKey(publicKey)} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      {wire !== null && wire.field !== "publicKey" && wire.field !== "name" ? <ErrorNotice error={create.error} /> : null}
    </FormDialog>
  );
}
