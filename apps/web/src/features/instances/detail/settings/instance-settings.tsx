"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial } from "@/features/shell/organization-context";
import { formatBytes, formatShape } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { componentOnDemand } from "@/ui/on-demand";
import { ResizeDialog } from "./resize-dialog";
import { SecretsState } from "./secrets-state";

const ReplaceSecretsDialog = componentOnDemand(() => import("./replace-secrets-dialog").then((module) => module.ReplaceSecretsDialog));
const EditInstanceDialog = componentOnDemand(() => import("./edit-instance-dialog").then((module) => module.EditInstanceDialog));

interface InstanceSettingsProps {
  instance: InstanceView;
  onReprovision: () => void;
  reprovisioning: boolean;
}

/** What can be changed of an instance: at once, or by re-provisioning it. */
export function InstanceSettings({ instance, onReprovision, reprovisioning }: InstanceSettingsProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const denial = useDenial("instance.operate");
  const [open, setOpen] = useState<"edit" | "secrets" | "resize" | null>(null);
  const discard = useMutation({
    ...trpc.instance.discardSecrets.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries(trpc.instance.pathFilter()),
  });
  const verdict = instance.actions.reprovision;
  const resize = instance.actions.resize;
  const close = () => setOpen(null);
  return (
    <div className="flex flex-col divide-y divide-line [&>*]:py-4 [&>*:first-child]:pt-0 [&>*:last-child]:pb-0">
      <Row title="Name, SSH keys and tags" about="Changed while it runs: served at the guest's next request.">
        <Button disabledReason={denial} onClick={() => setOpen("edit")}>
          Edit
        </Button>
      </Row>
      <Row
        title="Size"
        about={`${formatShape(instance.vcpus, instance.memoryBytes)}, ${formatBytes(instance.diskBytes)} of disk. Changed while it is stopped.`}
      >
        <Button disabledReason={resize.allowed ? null : resize.reason} onClick={() => setOpen("resize")}>
          Resize…
        </Button>
      </Row>
      <Row title="Password and user data" about={<SecretsState instance={instance} />}>
        <Button disabledReason={denial} onClick={() => setOpen("secrets")}>
          Replace…
        </Button>
        {instance.pendingSecrets === null ? null : (
          <Alert tone="info" title="A replacement waits for the re-provision" className="w-full">
            <p>{summaryOf(instance.pendingSecrets)} The guest is given nothing of it before.</p>
            <Button
              size="sm"
              className="mt-2"
              loading={discard.isPending}
              disabledReason={denial}
              onClick={() => discard.mutate({ instanceId: instance.id })}
            >
              Forget the replacement
            </Button>
          </Alert>
        )}
        {discard.error === null ? null : <ErrorNotice error={discard.error} />}
      </Row>
      <Row
        title="Re-provision"
        about="The guest reboots as a new one on the disk it has, and cloud-init runs again from the start with the password and user data above."
      >
        <Button
          variant="dangerQuiet"
          loading={reprovisioning}
          disabledReason={verdict.allowed ? null : verdict.reason}
          onClick={onReprovision}
        >
          Re-provision…
        </Button>
      </Row>
      {open === "edit" ? <EditInstanceDialog instance={instance} onClose={close} /> : null}
      {open === "resize" ? <ResizeDialog instance={instance} onClose={close} /> : null}
      {open === "secrets" ? <ReplaceSecretsDialog instance={instance} onClose={close} /> : null}
    </div>
  );
}

function Row({ title, about, children }: { title: string; about: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <div className="min-w-0 flex-1 basis-64">
        <h3 className="font-medium">{title}</h3>
        <p className="text-pretty text-ink-2">{about}</p>
      </div>
      {children}
    </div>
  );
}

function summaryOf(pending: { hasPassword: boolean; hasUserData: boolean }): string {
  if (pending.hasPassword && pending.hasUserData) return "There will be a password and user data.";
  if (pending.hasPassword) return "There will be a password and no user data.";
  return pending.hasUserData ? "There will be user data and no password." : "There will be neither password nor user data.";
}
