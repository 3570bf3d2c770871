"use client";

import { useTranslations } from "use-intl/react";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { ErrorNotice } from "./error-notice";

interface DeleteDialogProps {
  name: string;
  /** What goes, and what stays. */
  description: string;
  confirmLabel: string;
  deletion: { readonly isPending: boolean; readonly error: unknown; reset: () => void };
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before one thing is deleted; a refusal stays in the dialog until it is closed. */
export function DeleteDialog({ name, description, confirmLabel, deletion, onConfirm, onClose }: DeleteDialogProps) {
  const t = useTranslations("common");
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (open) return;
        deletion.reset();
        onClose();
      }}
      title={t("deleteQuestion", { name })}
      description={description}
      confirmLabel={confirmLabel}
      loading={deletion.isPending}
      error={deletion.error ? <ErrorNotice error={deletion.error} /> : null}
      onConfirm={onConfirm}
    />
  );
}
