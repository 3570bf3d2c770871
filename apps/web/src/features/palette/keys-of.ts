import type { Shortcut } from "./shortcuts";

/** As they stand on the reader's keyboard. */
export function keysOf(shortcut: Pick<Shortcut, "keys" | "mod">): readonly string[] {
  if (shortcut.mod === undefined) return shortcut.keys;
  return [isApple() ? "⌘" : "Ctrl", ...shortcut.keys.map((key) => key.toUpperCase())];
}

function isApple(): boolean {
  return typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);
}
