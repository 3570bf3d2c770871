"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { RelativeTime } from "@/ui/relative-time";
import { cordonSentence } from "./host-state";

/** Says on the host's page who cordoned it and why, with the way back; nothing when nobody did. */
export function CordonNotice({ host }: { host: HostView }) {
  const t = useTranslations("hosts");
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const denial = useDenial("host.manage");
  const uncordon = useMutation({
    ...trpc.host.uncordon.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries(trpc.host.pathFilter()),
  });
  const { cordon } = host;
  if (cordon === null) return null;
  return (
    <Alert tone="warn" title={cordonSentence(t, cordon)}>
      <p>{t.rich("cordon.notice", { when: () => <RelativeTime date={cordon.at} /> })}</p>
      <Button
        size="sm"
        className="mt-2"
        loading={uncordon.isPending}
        disabledReason={denial}
        onClick={() => uncordon.mutate({ hostId: host.id })}
      >
        {t("cordon.undo")}
      </Button>
      {uncordon.error === null ? null : <ErrorNotice error={uncordon.error} />}
    </Alert>
  );
}
