"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
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
  const formId = useId();
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
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Add SSH key"
      description={
        <>
          The public half, as it stands in <span className="font-mono text-[0.8125rem]">~/.ssh/id_ed25519.pub</span>.
        </>
      }
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            type="submit"
            form={formId}
            variant="primary"
            loading={create.isPending}
            disabledReason={
              publicKey.trim() === "" ? "Paste a public key first." : looksPrivate ? "This is a private key. Paste the .pub file." : null
            }
          >
            Add SSH key
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          // The dialog may stand inside another form's tree (React events bubble through portals).
          event.stopPropagation();
          if (publicKey.trim() !== "" && !looksPrivate) create.mutate({ organizationId, name: effectiveName, publicKey: publicKey.trim() });
        }}
        onKeyDown={(event) => event.stopPropagation()}
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
      </form>
    </Dialog>
  );
}
