"use client";

import { type RefObject, useRef } from "react";
import { useTranslations } from "use-intl/react";
import { keystrokes } from "./keystrokes";
import { NAMED_KEYS, type SpecialKey } from "./special-keys";

interface SoftKeyboardProps {
  input: RefObject<HTMLTextAreaElement | null>;
  onKey: (key: SpecialKey, shift: boolean) => void;
}

/** Something to delete, or a phone's keyboard sends no Backspace. */
const FILLER = "________";

/** Brings up a device's own keyboard and turns what it writes into keys: it sends texts, not keys (KeyboardEvent.code is empty there). */
export function SoftKeyboard({ input, onKey }: SoftKeyboardProps) {
  const t = useTranslations("console");
  const before = useRef(FILLER);
  return (
    <textarea
      ref={input}
      aria-label={t("screen.keyboard")}
      tabIndex={-1}
      autoCapitalize="off"
      autoComplete="off"
      autoCorrect="off"
      spellCheck={false}
      defaultValue={FILLER}
      className="pointer-events-none absolute top-0 left-0 size-px resize-none opacity-0"
      onInput={(event) => {
        const { value } = event.currentTarget;
        let same = 0;
        while (same < value.length && value[same] === before.current[same]) same += 1;
        for (let gone = before.current.length; gone > same; gone -= 1) onKey(NAMED_KEYS.backspace, false);
        const { keys } = keystrokes(value.slice(same));
        for (const { keysym, code, shift } of keys) onKey({ name: null, print: "", keysym, code }, shift);
        before.current = value;
        // Not in the midst of a word: the keyboard's own idea of the text would be lost.
        if (value.length > 200 || value.length < 2 || value.endsWith("\n")) {
          event.currentTarget.value = FILLER;
          before.current = FILLER;
        }
      }}
    />
  );
}
