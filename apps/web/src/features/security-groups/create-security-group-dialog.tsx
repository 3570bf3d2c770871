"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";

const everythingOut = (description: string) =>
  ["0.0.0.0/0", "::/0"].map((cidr) => ({ direction: "out", protocol: "any", cidr, description }) as const);

/** The group begins with everything out and nothing in; its page is where rules are added. */
export function CreateSecurityGroupDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useTranslations("securityGroups");
  const common = useTranslations("common");
  const say = useKnownWords();
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
      title={t("create")}
      description={t("creating.description")}
      submitLabel={t("create")}
      pending={create.isPending}
      disabledReason={name.trim() === "" ? t("creating.nameIt") : null}
      onSubmit={() => create.mutate({ organizationId, name: name.trim(), description, rules: everythingOut(t("creating.everything")) })}
    >
      <Field label={common("name")} error={wire?.field === "name" ? say(wire.message) : null}>
        <Input
          autoFocus
          autoComplete="off"
          maxLength={100}
          placeholder="web"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label={common("description")} optional>
        <Input maxLength={200} value={description} onChange={(event) => setDescription(event.target.value)} />
      </Field>
      {wire !== null && wire.field !== "name" ? <ErrorNotice error={create.error} /> : null}
    </FormDialog>
  );
}
