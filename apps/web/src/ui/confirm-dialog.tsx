"use client";

import { type ReactNode, useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Field } from "./field";
import { Input } from "./input";

interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** Say what goes, and what stays. */
  description: ReactNode;
  confirmLabel: string;
  onConfirm: () => void;
  tone?: "danger" | "primary";
  loading?: boolean;
  /** Ask for this text to be typed first (the name of what goes). */
  typeToConfirm?: string;
  error?: ReactNode;
  children?: ReactNode;
}

export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  description,
  confirmLabel,
  onConfirm,
  tone = "danger",
  loading = false,
  typeToConfirm,
  error,
  children,
}: ConfirmDialogProps) {
  const t = useTranslations("ui.confirm");
  const common = useTranslations("common");
  const [typed, setTyped] = useState("");
  useEffect(() => {
    if (open) setTyped("");
  }, [open]);
  const ready = typeToConfirm === undefined || typed.trim() === typeToConfirm;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      role="alertdialog"
      title={title}
      description={description}
      footer={
        <>
          <Button autoFocus={typeToConfirm === undefined} onClick={() => onOpenChange(false)}>
            {common("cancel")}
          </Button>
          <Button
            variant={tone === "danger" ? "danger" : "primary"}
            loading={loading}
            disabledReason={ready ? null : t("typeFirst", { name: typeToConfirm ?? "" })}
            onClick={onConfirm}
          >
            {confirmLabel}
          </Button>
        </>
      }
    >
      {typeToConfirm !== undefined || error || children ? (
        <form
          method="post"
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            if (ready && !loading) onConfirm();
          }}
        >
          {children}
          {typeToConfirm === undefined ? null : (
            <Field
              label={t.rich("typeToConfirm", {
                name: typeToConfirm,
                shown: (chunks) => <span className="select-all rounded bg-hover px-1 font-mono">{chunks}</span>,
              })}
            >
              <Input
                mono
                autoFocus
                autoComplete="off"
                spellCheck={false}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            </Field>
          )}
          {error}
        </form>
      ) : undefined}
    </Dialog>
  );
}
