"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { COMBINABLE, labelOf, MODIFIER_NAMES, MODIFIERS, type Modifier, type SpecialKey } from "./special-keys";

interface KeyDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onPress: (keys: readonly SpecialKey[]) => void;
}

/** Any combination, put together by mouse: whatever the browser would take for itself. It stays open, to be pressed again. */
export function KeyDialog({ open, onOpenChange, onPress }: KeyDialogProps) {
  const t = useTranslations("console");
  const [held, setHeld] = useState<ReadonlySet<Modifier>>(new Set(["ctrl"]));
  const [code, setCode] = useState("KeyC");
  const last = COMBINABLE.find((each) => each.code === code);
  const keys = [...MODIFIER_NAMES.filter((name) => held.has(name)).map((name) => MODIFIERS[name]), ...(last === undefined ? [] : [last])];
  const toggle = (name: Modifier, on: boolean) => {
    const next = new Set(held);
    if (on) next.add(name);
    else next.delete(name);
    setHeld(next);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t("keyMenu.title")}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{t("keyMenu.close")}</Button>
          <Button variant="primary" onClick={() => onPress(keys)}>
            {t("keyMenu.press", { keys: keys.map((each) => labelOf(t, each)).join(" ") })}
          </Button>
        </>
      }
    >
      <fieldset className="mb-4 flex flex-wrap gap-x-5 gap-y-2">
        <legend className="mb-1.5 font-medium text-ink">{t("keyMenu.held")}</legend>
        {MODIFIER_NAMES.map((name) => (
          <Checkbox key={name} label={labelOf(t, MODIFIERS[name])} checked={held.has(name)} onCheckedChange={(on) => toggle(name, on)} />
        ))}
      </fieldset>
      <Field label={t("keyMenu.key")}>
        <Select value={code} onChange={(event) => setCode(event.target.value)}>
          <option value="">{t("keyMenu.none")}</option>
          {COMBINABLE.map((each) => (
            <option key={each.code} value={each.code}>
              {labelOf(t, each)}
            </option>
          ))}
        </Select>
      </Field>
    </Dialog>
  );
}
