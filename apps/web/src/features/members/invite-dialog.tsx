"use client";

import { Email } from "@indium/contract/api/organization-views";
import type { Role } from "@indium/contract/states";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganization } from "@/features/shell/organization-context";
import { fieldErrorsOf, serverFieldErrors } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { CodeLine } from "@/ui/copy-button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { RoleSelect } from "./role-select";

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations("members.inviting");
  const common = useTranslations("common");
  const say = useKnownWords();
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
  const emailFault = given === "" ? null : (fieldErrorsOf(Email, given, say)[""] ?? null);
  const fromServer = serverFieldErrors(create.error, ["email", "role"], say);
  const close = (open: boolean) => {
    if (!open) onClose();
  };

  if (create.data !== undefined) {
    return (
      <Dialog
        open
        onOpenChange={close}
        title={t("sendLink")}
        description={t("once")}
        footer={
          <Button variant="primary" onClick={onClose}>
            {t("done")}
          </Button>
        }
      >
        <CodeLine code={create.data.link} label={t("copy")} />
      </Dialog>
    );
  }
  return (
    <FormDialog
      onClose={onClose}
      title={t("title", { organization: organization.name })}
      description={t("description")}
      submitLabel={t("submit")}
      pending={create.isPending}
      onSubmit={() => {
        setTried(true);
        if (emailFault === null) create.mutate({ organizationId: organization.id, role, email: given === "" ? null : given });
      }}
    >
      <RoleSelect value={role} onChange={setRole} error={fromServer?.role} />
      <Field label={common("email")} optional hint={t("emailHint")} error={tried ? (emailFault ?? fromServer?.email) : null}>
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
