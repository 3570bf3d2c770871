"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { paths } from "@/lib/path-builder";
import { useTRPC } from "@/lib/trpc";
import { Checkbox } from "@/ui/checkbox";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { useToast } from "@/ui/toast";

interface RemoveHostDialogProps {
  host: HostView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function RemoveHostDialog({ host, open, onOpenChange }: RemoveHostDialogProps) {
  const t = useTranslations("hosts");
  const trpc = useTRPC();
  const router = useRouter();
  const toast = useToast();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const [force, setForce] = useState(false);
  const remove = useMutation({
    ...trpc.host.remove.mutationOptions(),
    onSuccess: () => {
      toast.show({ tone: "good", title: t("removing.done", { name: host.name }) });
      router.push(paths.hosts(organizationId));
      void queryClient.invalidateQueries(trpc.host.list.pathFilter());
    },
  });
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        remove.reset();
        setForce(false);
        onOpenChange(next);
      }}
      title={t("removing.title", { name: host.name })}
      description={t("removing.description", { count: host.allocated.instances })}
      confirmLabel={t("remove")}
      typeToConfirm={host.name}
      loading={remove.isPending}
      onConfirm={() => remove.mutate({ hostId: host.id, force })}
      error={remove.error ? <ErrorNotice error={remove.error} /> : null}
    >
      <Checkbox checked={force} onCheckedChange={setForce} label={t("removing.force")} description={t("removing.forceHint")} />
    </ConfirmDialog>
  );
}
