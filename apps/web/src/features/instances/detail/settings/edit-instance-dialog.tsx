"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { InstanceUpdateInput } from "@indium/contract/api/instance-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { fieldErrorsOf, serverFieldErrors } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { Checkbox } from "@/ui/checkbox";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";
import { Skeleton } from "@/ui/skeleton";
import { Textarea } from "@/ui/textarea";
import { useToast } from "@/ui/toast";
import { parseTagLines, tagLines } from "./tag-lines";

interface EditInstanceDialogProps {
  instance: InstanceView;
  onClose: () => void;
}

/** Name, SSH keys and tags. Mounted while it is open, so that it begins with what is true then. */
export function EditInstanceDialog({ instance, onClose }: EditInstanceDialogProps) {
  const t = useTranslations("instancesSettings.edit");
  const say = useKnownWords();
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [name, setName] = useState(instance.name);
  const [tags, setTags] = useState(tagLines(instance.tags));
  const [chosen, setChosen] = useState<readonly string[]>(instance.sshKeys.map((key) => key.fingerprint));
  const offered = useQuery(trpc.sshKey.list.queryOptions({ organizationId: instance.organizationId }));
  // Also those that the organization has deleted since: the instance has them until they are taken away here.
  const keys = [
    ...instance.sshKeys,
    ...(offered.data ?? []).filter((key) => !instance.sshKeys.some((own) => own.fingerprint === key.fingerprint)),
  ];
  const values = { instanceId: instance.id, name: name.trim(), tags: parseTagLines(tags), sshKeyFingerprints: [...chosen] };
  const mistakes = fieldErrorsOf(InstanceUpdateInput, values, say);
  const update = useMutation({
    ...trpc.instance.update.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.instance.pathFilter());
      toast.show({
        tone: "good",
        title: t("changed", { name: values.name }),
        description: instance.state === "unknown" ? t("changedLater") : t("changedNow"),
      });
      onClose();
    },
  });
  const refused = serverFieldErrors(update.error, ["name", "sshKeyFingerprints"], say);
  return (
    <FormDialog
      onClose={onClose}
      title={t("title", { name: instance.name })}
      description={t("description")}
      submitLabel={common("save")}
      pending={update.isPending}
      disabledReason={Object.values(mistakes)[0] ?? null}
      onSubmit={() => update.mutate(values)}
    >
      <Field label={common("name")} hint={t("nameHint")} error={mistakes.name ?? refused?.name ?? null}>
        <Input autoFocus maxLength={63} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <fieldset className="min-w-0">
        <legend className="mb-2 font-medium">{common("sshKeys")}</legend>
        {offered.error ? <ErrorNotice error={offered.error} onRetry={() => void offered.refetch()} /> : null}
        {offered.isPending ? <Skeleton className="h-10 rounded" /> : null}
        {offered.data !== undefined && keys.length === 0 ? <p className="text-ink-2">{t("noKeys")}</p> : null}
        <div className="grid grid-cols-1 gap-2.5">
          {keys.map(({ name: label, fingerprint }) => (
            <Checkbox
              key={fingerprint}
              label={label}
              description={<span className="font-mono text-xs">{fingerprint}</span>}
              checked={chosen.includes(fingerprint)}
              onCheckedChange={(on) => setChosen(on ? [...chosen, fingerprint] : chosen.filter((each) => each !== fingerprint))}
            />
          ))}
        </div>
        {refused?.sshKeyFingerprints ? <p className="mt-2 text-bad">{refused.sshKeyFingerprints}</p> : null}
      </fieldset>
      <Field label={t("tags")} optional hint={t("tagsHint")} error={mistakes.tags ?? null}>
        <Textarea mono rows={4} maxLength={10_000} value={tags} onChange={(event) => setTags(event.target.value)} />
      </Field>
      {update.error !== null && refused === null ? <ErrorNotice error={update.error} /> : null}
    </FormDialog>
  );
}
