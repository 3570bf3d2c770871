"use client";

import type { HostPairView, HostView } from "@indium/contract/api/host-views";
import { HostId } from "@indium/contract/ids";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useOrganizationId } from "@/features/shell/organization-context";
import { QueryView } from "@/features/shell/query-view";
import { useKnownWords } from "@/lib/i18n/use-known-words";
import { useTRPC } from "@/lib/trpc";
import { wireErrorOf } from "@/lib/wire-error";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { Select } from "@/ui/select";

interface AllowPairDialogProps {
  host: HostView;
  paired: readonly HostPairView[];
  onClose: () => void;
}

/** Chooses another host. Mounted while it is open. */
export function AllowPairDialog({ host, paired, onClose }: AllowPairDialogProps) {
  const t = useTranslations("hosts.pairs");
  const say = useKnownWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const [peerId, setPeerId] = useState<HostId | null>(null);
  const hosts = useQuery(trpc.host.list.queryOptions({ organizationId }));
  const others = hosts.data?.filter(({ id }) => id !== host.id && !paired.some((pair) => pair.hostId === id)) ?? [];
  const allow = useMutation({
    ...trpc.host.allowPair.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries(trpc.host.pairs.pathFilter());
      onClose();
    },
  });
  return (
    <FormDialog
      onClose={onClose}
      title={t("allowing.title", { name: host.name })}
      description={t("allowing.description")}
      submitLabel={t("allowing.submit")}
      pending={allow.isPending}
      disabledReason={peerId === null ? t(others.length === 0 ? "allowing.noOther" : "allowing.choose") : null}
      onSubmit={() => {
        if (peerId !== null) allow.mutate({ hostId: host.id, peerId });
      }}
    >
      <QueryView query={hosts} what={t("whatHosts")}>
        {() =>
          others.length === 0 ? (
            <p className="text-ink-2">{t("allowing.noOther")}</p>
          ) : (
            <Field label={t("allowing.other")} error={allow.error ? say(wireErrorOf(allow.error).message) : null}>
              <Select value={peerId ?? ""} onChange={(event) => setPeerId(HostId.safeParse(event.target.value).data ?? null)}>
                <option value="">{t("allowing.choose")}</option>
                {others.map((other) => (
                  <option key={other.id} value={other.id}>
                    {other.name}
                  </option>
                ))}
              </Select>
            </Field>
          )
        }
      </QueryView>
    </FormDialog>
  );
}
