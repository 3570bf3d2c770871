"use client";

import type { HostView } from "@indium/contract/api/host-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useOrganizationId } from "@/features/shell/organization-context";
import { plural } from "@/lib/format";
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
  const trpc = useTRPC();
  const router = useRouter();
  const toast = useToast();
  const queryClient = useQueryClient();
  const organizationId = useOrganizationId();
  const [force, setForce] = useState(false);
  const remove = useMutation({
    ...trpc.host.remove.mutationOptions(),
    onSuccess: () => {
      toast.show({ tone: "good", title: `Removed ${host.name}` });
      router.push(paths.hosts(organizationId));
      void queryClient.invalidateQueries(trpc.host.list.pathFilter());
    },
  });
  const { instances } = host.allocated;
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        remove.reset();
        setForce(false);
        onOpenChange(next);
      }}
      title={`Remove ${host.name}?`}
      description={
        <>
          Its key stops working at once and Indium no longer manages it.
          {instances > 0 ? ` ${plural(instances, "instance")} on it ${instances === 1 ? "goes" : "go"} out of your sight with it.` : ""} To
          bring it back, add it again with a new command.
        </>
      }
      confirmLabel="Remove host"
      typeToConfirm={host.name}
      loading={remove.isPending}
      onConfirm={() => remove.mutate({ hostId: host.id, force })}
      error={remove.error ? <ErrorNotice error={remove.error} /> : null}
    >
      <Checkbox
        checked={force}
        onCheckedChange={setForce}
        label="Remove it even if it still holds instances or cannot be reached"
        description="What runs there keeps running, unmanaged."
      />
    </ConfirmDialog>
  );
}
