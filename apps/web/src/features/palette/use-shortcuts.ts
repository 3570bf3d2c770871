"use client";

import { useEffect, useRef } from "react";
import { type Begun, interpret, type ShortcutEffect } from "./shortcuts";

/** Where keys belong to something else: what is typed into, and consoles and terminals (a canvas, and xterm's own textarea). */
const TYPED_INTO =
  'input, textarea, select, canvas, [contenteditable]:not([contenteditable="false"]), [role="textbox"], [role="application"], .xterm';
const ON_TOP = '[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]';

/** Listens for the shortcuts of the registry. `single`: also those of one plain key, which a reader may have switched off. */
export function useShortcuts(single: boolean, act: (effect: ShortcutEffect) => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    let begun: Begun | null = null;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.repeat) return;
      // Shift by itself is part of "?" on many layouts.
      if (event.key === "Shift" || event.key === "Control" || event.key === "Meta") return;
      if (event.target instanceof Element && event.target.closest(TYPED_INTO)) {
        begun = null;
        return;
      }
      const isMod = event.ctrlKey || event.metaKey;
      if ((!isMod && !single) || document.querySelector(ON_TOP) !== null) return;
      const { key, ctrlKey, metaKey, altKey } = event;
      const read = interpret({ key, ctrlKey, metaKey, altKey, at: event.timeStamp }, begun);
      begun = read.begun;
      if (read.shortcut === null) return;
      event.preventDefault();
      latest.current(read.shortcut.effect);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [single]);
}
