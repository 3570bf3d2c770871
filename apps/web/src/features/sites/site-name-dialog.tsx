"use client";

import type { SiteView } from "@indium/contract/api/organization-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";

/** Names a new site (`site` null) or renames one. */
export function SiteNameDialog({ site, onClose }: { site: SiteView | null; onClose: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const [name, setName] = useState(site?.name ?? "");
  const onSuccess = async () => {
    await queryClient.invalidateQueries(trpc.site.list.pathFilter());
    onClose();
  };
  const create = useMutation({ ...trpc.site.create.mutationOptions(), onSuccess });
  const update = useMutation({ ...trpc.site.update.mutationOptions(), onSuccess });
  const error = create.error ?? update.error;
  const ready = name.trim() !== "" && name.trim() !== site?.name;
  return (
    <FormDialog
      onClose={onClose}
      title={site === null ? "New site" : `Rename ${site.name}`}
      submitLabel={site === null ? "Create site" : "Rename"}
      pending={create.isPending || update.isPending}
      disabledReason={ready ? null : "Give it a new name first."}
      onSubmit={() => {
        if (site === null) create.mutate({ organizationId, name: name.trim() });
        else update.mutate({ siteId: site.id, name: name.trim() });
      }}
    >
      <Field label="Name" error={error === null ? null : wireErrorOf(error).message}>
        <Input autoFocus autoComplete="off" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
