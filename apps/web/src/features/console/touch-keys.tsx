"use client";

import { Ellipsis, Keyboard } from "lucide-react";
import { type PointerEvent, useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/ui/button";
import { FUNCTION_KEYS, labelOf, MODIFIERS, type Modifier, NAMED_KEYS, type SpecialKey } from "./special-keys";

const { escape: esc, tab, up, down, left, right, enter, backspace, home, end, pageUp, pageDown, delete: del } = NAMED_KEYS;
const FIRST_ROW: readonly SpecialKey[] = [esc, tab];
const ARROWS: readonly (SpecialKey & { sign: string })[] = [
  { ...left, sign: "←" },
  { ...up, sign: "↑" },
  { ...down, sign: "↓" },
  { ...right, sign: "→" },
];
const MORE: readonly SpecialKey[] = [...FUNCTION_KEYS, home, end, pageUp, pageDown, del, enter, backspace];

interface TouchKeysProps {
  /** Held for the next key only. */
  armed: ReadonlySet<Modifier>;
  onArm: (modifier: Modifier) => void;
  onKey: (key: SpecialKey) => void;
  /** Brings up the device's own keyboard; null where a tap on the screen does. */
  onKeyboard: (() => void) | null;
}

/** The keys that a phone's keyboard lacks. Shown where there is no better pointer than a finger. */
export function TouchKeys({ armed, onArm, onKey, onKeyboard }: TouchKeysProps) {
  const t = useTranslations("console");
  const [more, setMore] = useState(false);
  /** A tap must not take the focus, and the device's keyboard with it. */
  const keepFocus = (event: PointerEvent) => event.preventDefault();
  const keyButton = (key: SpecialKey, sign?: string) => (
    <Button key={key.code} size="key" aria-label={labelOf(t, key)} onPointerDown={keepFocus} onClick={() => onKey(key)}>
      {sign ?? labelOf(t, key)}
    </Button>
  );
  return (
    <fieldset aria-label={t("keyMenu.label")} className="hidden border-line border-t bg-surface px-1 py-1.5 [@media(pointer:coarse)]:block">
      <div className="flex gap-1">
        {onKeyboard === null ? null : (
          <Button size="key" aria-label={t("keyMenu.showKeyboard")} onClick={onKeyboard}>
            <Keyboard aria-hidden />
          </Button>
        )}
        {FIRST_ROW.map((key) => keyButton(key))}
        {(["ctrl", "alt"] as const).map((name) => (
          <Button
            key={name}
            size="key"
            variant={armed.has(name) ? "pressed" : "secondary"}
            aria-pressed={armed.has(name)}
            onPointerDown={keepFocus}
            onClick={() => onArm(name)}
          >
            {labelOf(t, MODIFIERS[name])}
          </Button>
        ))}
        {ARROWS.map((key) => keyButton(key, key.sign))}
        <Button size="key" aria-expanded={more} aria-label={t("keyMenu.more")} onPointerDown={keepFocus} onClick={() => setMore(!more)}>
          <Ellipsis aria-hidden />
        </Button>
      </div>
      {more ? <div className="mt-1 grid grid-cols-6 gap-1">{MORE.map((key) => keyButton(key))}</div> : null}
    </fieldset>
  );
}
