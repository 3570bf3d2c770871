"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { serverFieldErrors } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import type { OrganizationSummary } from "./organization-summary";
import { ProviderFields } from "./provider-fields";

interface CreateOrganizationDialogProps {
  organizations: readonly OrganizationSummary[];
  onClose: () => void;
}

export function CreateOrganizationDialog({ organizations, onClose }: CreateOrganizationDialogProps) {
  const t = useTranslations("organizations");
  const common = useTranslations("common");
  const say = useKnownWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [siteName, setSiteName] = useState(common("mainSite"));
  const [provider, setProvider] = useState<{ isProvider: boolean; providerId: OrganizationSummary["id"] | null }>({
    isProvider: false,
    providerId: null,
  });
  const create = useMutation({
    ...trpc.organization.create.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.organization.pathFilter());
      await queryClient.invalidateQueries(trpc.session.get.pathFilter());
      onClose();
    },
  });
  const fromServer = serverFieldErrors(create.error, ["name", "siteName", "providerId", "isProvider"], say);
  const ready = name.trim() !== "" && siteName.trim() !== "";
  return (
    <FormDialog
      onClose={onClose}
      title={t("all.new")}
      description={t("create.description")}
      submitLabel={t("create.submit")}
      pending={create.isPending}
      disabledReason={ready ? null : t("create.nameFirst")}
      onSubmit={() => {
        create.mutate({ name: name.trim(), siteName: siteName.trim(), ...provider });
      }}
    >
      <Field label={common("name")} error={fromServer?.name}>
        <Input autoFocus autoComplete="off" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label={t("create.firstSite")} error={fromServer?.siteName}>
        <Input autoComplete="off" maxLength={100} value={siteName} onChange={(event) => setSiteName(event.target.value)} />
      </Field>
      <ProviderFields
        {...provider}
        onChange={setProvider}
        providers={organizations.filter((each) => each.isProvider)}
        errors={fromServer ?? {}}
      />
      {create.error !== null && fromServer === null ? <ErrorNotice error={create.error} /> : null}
    </FormDialog>
  );
}
