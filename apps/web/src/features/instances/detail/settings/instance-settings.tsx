"use client";

import type { InstanceView } from "@indium/contract/api/instance-views";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl/react";
import { ErrorNotice } from "@/features/shell/error-notice";
import { useDenial } from "@/features/shell/organization-context";
import { useFormat } from "@/lib/i18n/use-format";
import { useTRPC } from "@/lib/trpc";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { componentOnDemand } from "@/ui/on-demand";
import { useActionDenial } from "../../action-denial";
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
  const t = useTranslations("instancesSettings");
  const common = useTranslations("common");
  const format = useFormat();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const denial = useDenial("instance.operate");
  const [open, setOpen] = useState<"edit" | "secrets" | "resize" | null>(null);
  const discard = useMutation({
    ...trpc.instance.discardSecrets.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries(trpc.instance.pathFilter()),
  });
  const denialOf = useActionDenial();
  const close = () => setOpen(null);
  return (
    <div className="flex flex-col divide-y divide-line [&>*]:py-4 [&>*:first-child]:pt-0 [&>*:last-child]:pb-0">
      <Row title={t("edit.rowTitle")} about={t("edit.rowAbout")}>
        <Button disabledReason={denial} onClick={() => setOpen("edit")}>
          {t("edit.button")}
        </Button>
      </Row>
      <Row
        title={common("size")}
        about={t("resize.rowAbout", {
          shape: format.shape(instance.vcpus, instance.memoryBytes),
          disk: format.bytes(instance.diskBytes),
        })}
      >
        <Button disabledReason={denialOf("resize", instance.actions.resize)} onClick={() => setOpen("resize")}>
          {t("resize.button")}
        </Button>
      </Row>
      <Row title={t("secrets.rowTitle")} about={<SecretsState instance={instance} />}>
        <Button disabledReason={denial} onClick={() => setOpen("secrets")}>
          {t("secrets.button")}
        </Button>
        {instance.pendingSecrets === null ? null : (
          <Alert tone="info" title={t("secrets.pending")} className="w-full">
            <p>{t(pendingKey(instance.pendingSecrets))}</p>
            <Button
              size="sm"
              className="mt-2"
              loading={discard.isPending}
              disabledReason={denial}
              onClick={() => discard.mutate({ instanceId: instance.id })}
            >
              {t("secrets.forget")}
            </Button>
          </Alert>
        )}
        {discard.error === null ? null : <ErrorNotice error={discard.error} />}
      </Row>
      <Row title={t("reprovision.rowTitle")} about={t("reprovision.rowAbout")}>
        <Button
          variant="dangerQuiet"
          loading={reprovisioning}
          disabledReason={denialOf("reprovision", instance.actions.reprovision)}
          onClick={onReprovision}
        >
          {t("reprovision.button")}
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

function pendingKey({ hasPassword, hasUserData }: { hasPassword: boolean; hasUserData: boolean }) {
  if (hasPassword) return hasUserData ? "secrets.pendingBoth" : "secrets.pendingPassword";
  return hasUserData ? "secrets.pendingUserData" : "secrets.pendingNeither";
}
