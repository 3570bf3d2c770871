"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { InstanceUpdateInput } from "@indium/contract/api/instance-views";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { fieldErrorsOf, serverFieldErrors } from "@/lib/form-errors";
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
  const mistakes = fieldErrorsOf(InstanceUpdateInput, values);
  const update = useMutation({
    ...trpc.instance.update.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.instance.pathFilter());
      toast.show({
        tone: "good",
        title: `${values.name} is changed`,
        description: instance.state === "unknown" ? "Its host hears of it when it can be reached." : "Served at the guest's next request.",
      });
      onClose();
    },
  });
  const refused = serverFieldErrors(update.error, ["name", "sshKeyFingerprints"]);
  return (
    <FormDialog
      onClose={onClose}
      title={`Edit ${instance.name}`}
      description="Served at the guest's next request, without a restart. cloud-init itself asks again only when the instance is re-provisioned."
      submitLabel="Save"
      pending={update.isPending}
      disabledReason={Object.values(mistakes)[0] ?? null}
      onSubmit={() => update.mutate(values)}
    >
      <Field label="Name" hint="Its hostname too." error={mistakes.name ?? refused?.name ?? null}>
        <Input autoFocus maxLength={63} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <fieldset className="min-w-0">
        <legend className="mb-2 font-medium">SSH keys</legend>
        {offered.error ? <ErrorNotice error={offered.error} onRetry={() => void offered.refetch()} /> : null}
        {offered.isPending ? <Skeleton className="h-10" /> : null}
        {offered.data !== undefined && keys.length === 0 ? <p className="text-ink-2">Your organization has no keys yet.</p> : null}
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
      <Field label="Tags" optional hint="One a line: a name, or name: value." error={mistakes.tags ?? null}>
        <Textarea mono rows={4} maxLength={10_000} value={tags} onChange={(event) => setTags(event.target.value)} />
      </Field>
      {update.error !== null && refused === null ? <ErrorNotice error={update.error} /> : null}
    </FormDialog>
  );
}
