"use client";

import { useState } from "react";
import { Alert } from "@/ui/alert";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/textarea";
import { type Keystroke, keystrokes } from "./keystrokes";

interface PasteDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onType: (keys: readonly Keystroke[]) => void;
}

/** A console has no clipboard: the text is typed into it, key by key. */
export function PasteDialog({ open, onOpenChange, onType }: PasteDialogProps) {
  const [text, setText] = useState("");
  const { keys, untypable } = keystrokes(text);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Type text into the console"
      description="The text is typed key by key, as on a US keyboard. A guest with another layout may show other signs."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            variant="primary"
            disabledReason={keys.length === 0 ? "Enter some text first." : null}
            onClick={() => {
              onType(keys);
              setText("");
              onOpenChange(false);
            }}
          >
            Type it
          </Button>
        </>
      }
    >
      <Field label="Text">
        <Textarea mono rows={5} maxLength={10_000} autoFocus value={text} onChange={(event) => setText(event.target.value)} />
      </Field>
      {untypable.length > 0 ? (
        <Alert tone="warn" className="mt-3">
          Left out, because a US keyboard has no key for it: <span className="font-mono">{untypable.slice(0, 12).join(" ")}</span>
        </Alert>
      ) : null}
    </Dialog>
  );
}
