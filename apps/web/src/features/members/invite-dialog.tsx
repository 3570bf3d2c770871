"use client";

import { Email } from "@indium/contract/api/organization-views";
import type { Role } from "@indium/contract/states";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganization } from "@/features/shell/organization-context";
import { serverFieldErrors } from "@/lib/form-errors";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { CodeLine } from "@/ui/copy-button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { RoleSelect } from "./role-select";

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const organization = useOrganization();
  const [role, setRole] = useState<Role>("operator");
  const [email, setEmail] = useState("");
  const [tried, setTried] = useState(false);
  const create = useMutation({
    ...trpc.invitation.create.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries(trpc.invitation.list.pathFilter()),
  });
  const given = email.trim();
  const emailFault = given === "" ? null : (Email.safeParse(given).error?.issues[0]?.message ?? null);
  const fromServer = serverFieldErrors(create.error, ["email", "role"]);
  const close = (open: boolean) => {
    if (!open) onClose();
  };

  if (create.data !== undefined) {
    return (
      <Dialog
        open
        onOpenChange={close}
        title="Send this link"
        description="It works once, for a week, and is not shown again. Whoever has it can join."
        footer={
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <CodeLine code={create.data.link} label="Copy the invitation link" />
      </Dialog>
    );
  }
  return (
    <FormDialog
      onClose={onClose}
      title={`Invite to ${organization.name}`}
      description="You get a link to send by whatever way you like."
      submitLabel="Make invitation link"
      pending={create.isPending}
      onSubmit={() => {
        setTried(true);
        if (emailFault === null) create.mutate({ organizationId: organization.id, role, email: given === "" ? null : given });
      }}
    >
      <RoleSelect value={role} onChange={setRole} error={fromServer?.role} />
      <Field
        label="E-mail"
        optional
        hint="With an address given, only an account of that address can accept."
        error={tried ? (emailFault ?? fromServer?.email) : null}
      >
        <Input
          type="email"
          autoComplete="off"
          spellCheck={false}
          maxLength={254}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </Field>
      {create.error !== null && fromServer === null ? <ErrorNotice error={create.error} /> : null}
    </FormDialog>
  );
}
