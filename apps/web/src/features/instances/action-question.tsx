"use client";

import { useTranslations } from "use-intl/react";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import type { PowerAction } from "./action-words";
import { ReprovisionConsequences } from "./reprovision-consequences";

/** Asked before: the guest's unsaved work is at stake, or more. */
export type AskedFirst = Extract<PowerAction, "forceStop" | "reset" | "reprovision" | "delete">;

interface ActionQuestionProps {
  instance: { readonly name: string };
  action: AskedFirst;
  sending: boolean;
  onCancel: () => void;
  onConfirm: () => void;
}

export function ActionQuestion({ instance, action, sending, onCancel, onConfirm }: ActionQuestionProps) {
  const t = useTranslations("instances.confirm");
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onCancel();
      }}
      title={t(`${action}.title`, { name: instance.name })}
      description={t(`${action}.description`)}
      confirmLabel={t(`${action}.confirm`)}
      loading={sending}
      {...(action === "delete" ? { typeToConfirm: instance.name } : {})}
      onConfirm={onConfirm}
    >
      {action === "reprovision" ? <ReprovisionConsequences /> : null}
    </ConfirmDialog>
  );
}
