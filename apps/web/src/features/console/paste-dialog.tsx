"use client";

import { useState } from "react";
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
  /** Null while the guest has shown no clipboard. */
  onClipboard: ((text: string) => void) | null;
}

/** Most guests have no clipboard to speak of: the text is typed, key by key. */
export function PasteDialog({ open, onOpenChange, onType, onClipboard }: PasteDialogProps) {
  const [text, setText] = useState("");
  const [speed, setSpeed] = useState<TypingSpeed>("usual");
  const { keys, untypable } = keystrokes(text);
  const { intervalMs } = TYPING_SPEEDS.find((each) => each.value === speed) ?? TYPING_SPEEDS[1];
  const seconds = Math.ceil((keys.length * intervalMs) / 1_000);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Type text into the console"
      description="The text is typed key by key, as on a US keyboard. A guest with another layout may show other signs."
      footer={
        <>
          {onClipboard === null ? null : (
            <Button
              className="mr-auto"
              disabledReason={text === "" ? "Enter some text first." : null}
              onClick={() => {
                onClipboard(text);
                setText("");
                onOpenChange(false);
              }}
            >
              Put on its clipboard
            </Button>
          )}
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            variant="primary"
            disabledReason={keys.length === 0 ? "Enter some text first." : null}
            onClick={() => {
              onType(keys, intervalMs);
              setText("");
              onOpenChange(false);
            }}
          >
            Type it
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Field label="Text" hint={keys.length === 0 ? undefined : `${keys.length} keys, about ${seconds} s. You can stop it meanwhile.`}>
          <Textarea mono rows={5} maxLength={10_000} autoFocus value={text} onChange={(event) => setText(event.target.value)} />
        </Field>
        <Field label="Speed">
          <Select value={speed} onChange={(event) => setSpeed(event.target.value as TypingSpeed)}>
            {TYPING_SPEEDS.map((each) => (
              <option key={each.value} value={each.value}>
                {each.label}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      {untypable.length > 0 ? (
        <Alert tone="warn" className="mt-3">
          Left out, because a US keyboard has no key for it: <span className="font-mono">{untypable.slice(0, 12).join(" ")}</span>
        </Alert>
      ) : null}
    </Dialog>
  );
}
