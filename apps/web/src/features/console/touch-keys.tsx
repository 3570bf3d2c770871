"use client";

import { Keyboard } from "lucide-react";
import { useState } from "react";
import { Button, IconButton } from "@/ui/button";
import { cn } from "@/ui/cn";
import { FUNCTION_KEYS, MODIFIERS, type Modifier, NAMED_KEYS, type SpecialKey } from "./special-keys";

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
  const [more, setMore] = useState(false);
  const keyButton = (key: SpecialKey, sign?: string) => (
    <Button
      key={key.code}
      size="sm"
      aria-label={key.label}
      className="min-w-9 px-2"
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => onKey(key)}
    >
      {sign ?? key.label}
    </Button>
  );
  return (
    <fieldset
      aria-label="Keys"
      className="hidden flex-wrap gap-1 border-line border-t bg-surface px-1.5 py-1.5 [@media(pointer:coarse)]:flex"
    >
      {onKeyboard === null ? null : (
        <IconButton size="iconSm" variant="secondary" label="Show the keyboard" onClick={onKeyboard}>
          <Keyboard aria-hidden />
        </IconButton>
      )}
      {FIRST_ROW.map((key) => keyButton(key))}
      {(["ctrl", "alt"] as const).map((name) => (
        <Button
          key={name}
          size="sm"
          aria-pressed={armed.has(name)}
          className={cn("px-2", armed.has(name) && "border-accent bg-accent-soft")}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onArm(name)}
        >
          {MODIFIERS[name].label}
        </Button>
      ))}
      {ARROWS.map((key) => keyButton(key, key.sign))}
      <Button size="sm" aria-expanded={more} className="px-2" onClick={() => setMore(!more)}>
        {more ? "Less" : "More"}
      </Button>
      {more ? <span className="flex basis-full flex-wrap gap-1">{MORE.map((key) => keyButton(key))}</span> : null}
    </fieldset>
  );
}
