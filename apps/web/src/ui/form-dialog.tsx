"use client";

import { type ReactNode, useId } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "./button";
import { Dialog } from "./dialog";

interface FormDialogProps {
  /** Default true, for dialogs that exist only while they are open. */
  open?: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  wide?: boolean;
  submitLabel: string;
  pending: boolean;
  /** Why it cannot be sent yet; null when it can. */
  disabledReason?: string | null;
  /** Called only when nothing stands in the way. */
  onSubmit: () => void;
  children: ReactNode;
}

/** A dialog that is one form: Enter sends it, Escape and Cancel close it. */
export function FormDialog(props: FormDialogProps) {
  const { open = true, onClose, title, description, wide = false, submitLabel, pending, disabledReason = null, onSubmit, children } = props;
  const t = useTranslations("common");
  const formId = useId();
  return (
    <Dialog
      open={open}
      onOpenChange={(wanted) => {
        if (!wanted) onClose();
      }}
      title={title}
      description={description}
      wide={wide}
      footer={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" form={formId} variant="primary" loading={pending} disabledReason={disabledReason}>
            {submitLabel}
          </Button>
        </>
      }
    >
      <form
        method="post"
        id={formId}
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          // The dialog may stand inside another form's tree (React events bubble through portals).
          event.stopPropagation();
          if (disabledReason === null && !pending) onSubmit();
        }}
        onKeyDown={(event) => {
          // Only Enter: the arrow keys of radio cards are listened for on the document.
          if (event.key === "Enter") event.stopPropagation();
        }}
      >
        {children}
      </form>
    </Dialog>
  );
}
