"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { Textarea } from "@/ui/textarea";
import { type Keystroke, keystrokes } from "./keystrokes";
import { TYPING_SPEEDS, type TypingSpeed } from "./typist";

interface PasteDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onType: (keys: readonly Keystroke[], intervalMs: number) => void;
  /** Null where the VM has no port for it and its guest has shown no clipboard. */
  onClipboard: ((text: string) => void) | null;
}

/** Most guests have no clipboard to speak of: the text is typed, key by key. */
export function PasteDialog({ open, onOpenChange, onType, onClipboard }: PasteDialogProps) {
  const t = useTranslations("console");
  const format = useFormat();
  const [text, setText] = useState("");
  const [speed, setSpeed] = useState<TypingSpeed>("usual");
  const { keys, untypable } = keystrokes(text);
  const { intervalMs } = TYPING_SPEEDS.find((each) => each.value === speed) ?? TYPING_SPEEDS[1];
  const seconds = Math.ceil((keys.length * intervalMs) / 1_000);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t("paste.title")}
      description={t("paste.description")}
      footer={
        <>
          {onClipboard === null ? null : (
            <Button
              className="mr-auto"
              disabledReason={text === "" ? t("paste.empty") : null}
              onClick={() => {
                onClipboard(text);
                setText("");
                onOpenChange(false);
              }}
            >
              {t("paste.clipboard")}
            </Button>
          )}
          <Button onClick={() => onOpenChange(false)}>{t("paste.cancel")}</Button>
          <Button
            variant="primary"
            disabledReason={keys.length === 0 ? t("paste.empty") : null}
            onClick={() => {
              onType(keys, intervalMs);
              setText("");
              onOpenChange(false);
            }}
          >
            {t("paste.submit")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Field
          label={t("paste.text")}
          hint={keys.length === 0 ? undefined : t("paste.amount", { keys: format.count(keys.length), seconds: format.count(seconds) })}
        >
          <Textarea mono rows={5} maxLength={10_000} autoFocus value={text} onChange={(event) => setText(event.target.value)} />
        </Field>
        <Field label={t("paste.speed")}>
          <Select value={speed} onChange={(event) => setSpeed(event.target.value as TypingSpeed)}>
            {TYPING_SPEEDS.map((each) => (
              <option key={each.value} value={each.value}>
                {t(`paste.speeds.${each.value}`)}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      {untypable.length > 0 ? (
        <Alert tone="warn" className="mt-3">
          {t.rich("paste.untypable", { signs: () => <span className="font-mono">{untypable.slice(0, 12).join(" ")}</span> })}
        </Alert>
      ) : null}
    </Dialog>
  );
}
