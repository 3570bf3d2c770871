"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { serverFieldErrors } from "@/lib/form-errors";
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
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [siteName, setSiteName] = useState("Main site");
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
  const fromServer = serverFieldErrors(create.error, ["name", "siteName", "providerId", "isProvider"]);
  const ready = name.trim() !== "" && siteName.trim() !== "";
  return (
    <FormDialog
      onClose={onClose}
      title="New organization"
      description="You become its owner, unless you reach it through its provider already."
      submitLabel="Create organization"
      pending={create.isPending}
      disabledReason={ready ? null : "Name the organization and its first site first."}
      onSubmit={() => {
        create.mutate({ name: name.trim(), siteName: siteName.trim(), ...provider });
      }}
    >
      <Field label="Name" error={fromServer?.name}>
        <Input autoFocus autoComplete="off" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="First site" error={fromServer?.siteName}>
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
