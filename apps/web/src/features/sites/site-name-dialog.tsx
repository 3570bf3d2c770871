"use client";

import type { SiteView } from "@indium/contract/api/organization-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";

/** Names a new site (`site` null) or renames one. */
export function SiteNameDialog({ site, onClose }: { site: SiteView | null; onClose: () => void }) {
  const t = useTranslations("sites");
  const common = useTranslations("common");
  const say = useKnownWords();
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
      title={site === null ? t("new") : common("renameNamed", { name: site.name })}
      submitLabel={site === null ? t("create") : common("rename")}
      pending={create.isPending || update.isPending}
      disabledReason={ready ? null : t("nameFirst")}
      onSubmit={() => {
        if (site === null) create.mutate({ organizationId, name: name.trim() });
        else update.mutate({ siteId: site.id, name: name.trim() });
      }}
    >
      <Field label={common("name")} error={error === null ? null : say(wireErrorOf(error).message)}>
        <Input autoFocus autoComplete="off" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
