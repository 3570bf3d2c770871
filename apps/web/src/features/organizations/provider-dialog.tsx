"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { serverFieldErrors } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { FormDialog } from "@/ui/form-dialog";
import type { OrganizationSummary } from "./organization-summary";
import { ProviderFields } from "./provider-fields";

interface ProviderDialogProps {
  organization: OrganizationSummary;
  organizations: readonly OrganizationSummary[];
  onClose: () => void;
}

export function ProviderDialog({ organization, organizations, onClose }: ProviderDialogProps) {
  const t = useTranslations("organizations.manager");
  const common = useTranslations("common");
  const say = useKnownWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [provider, setProvider] = useState({ isProvider: organization.isProvider, providerId: organization.providerId });
  const update = useMutation({
    ...trpc.organization.updateProvider.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.organization.pathFilter());
      await queryClient.invalidateQueries(trpc.session.get.pathFilter());
      onClose();
    },
  });
  const fromServer = serverFieldErrors(update.error, ["providerId", "isProvider"], say);
  return (
    <FormDialog
      onClose={onClose}
      title={t("title", { name: organization.name })}
      submitLabel={common("save")}
      pending={update.isPending}
      onSubmit={() => {
        update.mutate({ organizationId: organization.id, ...provider });
      }}
    >
      <ProviderFields
        {...provider}
        onChange={setProvider}
        providers={organizations.filter((each) => each.isProvider && each.id !== organization.id)}
        errors={fromServer ?? {}}
      />
      {update.error !== null && fromServer === null ? <ErrorNotice error={update.error} /> : null}
    </FormDialog>
  );
}
