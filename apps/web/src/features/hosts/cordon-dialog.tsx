"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { CordonReason } from "@indium/contract/api/host-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { issueWords } from "@/lib/form-errors";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Input } from "@/ui/input";

/** Asks why. Mounted while it is open. */
export function CordonDialog({ host, onClose }: { host: HostView; onClose: () => void }) {
  const t = useTranslations("hosts");
  const say = useKnownWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const issue = CordonReason.safeParse(reason).error?.issues[0];
  const cordon = useMutation({
    ...trpc.host.cordon.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.host.pathFilter());
      onClose();
    },
  });
  return (
    <FormDialog
      onClose={onClose}
      title={t("cordon.title", { name: host.name })}
      description={t("cordon.description")}
      submitLabel={t("cordon.submit")}
      pending={cordon.isPending}
      disabledReason={issue === undefined ? null : issueWords(issue, say)}
      onSubmit={() => cordon.mutate({ hostId: host.id, reason })}
    >
      <Field label={t("cordon.reason")} hint={t("cordon.reasonHint")} error={cordon.error ? say(wireErrorOf(cordon.error).message) : null}>
        <Input autoFocus maxLength={200} autoComplete="off" value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
