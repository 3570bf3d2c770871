"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";

const EVERYTHING_OUT = ["0.0.0.0/0", "::/0"].map(
  (cidr) => ({ direction: "out", protocol: "any", cidr, description: "Everything" }) as const,
);

/** The group begins with everything out and nothing in; its page is where rules are added. */
export function CreateSecurityGroupDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const create = useMutation({
    ...trpc.securityGroup.create.mutationOptions(),
    onSuccess: async (group) => {
      await queryClient.invalidateQueries(trpc.securityGroup.list.pathFilter());
      onOpenChange(false);
      router.push(paths.securityGroup(organizationId, group.id));
    },
  });
  const { reset } = create;
  useEffect(() => {
    if (!open) return;
    setName("");
    setDescription("");
    reset();
  }, [open, reset]);
  const wire = create.error === null ? null : wireErrorOf(create.error);
  return (
    <FormDialog
      open={open}
      onClose={() => onOpenChange(false)}
      title="Create security group"
      description="It begins with everything out and nothing in; add rules on its page."
      submitLabel="Create security group"
      pending={create.isPending}
      disabledReason={name.trim() === "" ? "Give the group a name." : null}
      onSubmit={() => create.mutate({ organizationId, name: name.trim(), description, rules: [...EVERYTHING_OUT] })}
    >
      <Field label="Name" error={wire?.field === "name" ? wire.message : null}>
        <Input
          autoFocus
          autoComplete="off"
          maxLength={100}
          placeholder="web"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label="Description" optional>
        <Input maxLength={200} value={description} onChange={(event) => setDescription(event.target.value)} />
      </Field>
      {wire !== null && wire.field !== "name" ? <ErrorNotice error={create.error} /> : null}
    </FormDialog>
  );
}
