import type { Shortcut } from "./shortcuts";

/** As they stand on the reader's keyboard; `ctrl` is what its language calls that key. */
export function keysOf(shortcut: Pick<Shortcut, "keys" | "mod">, ctrl: string): readonly string[] {
  if (shortcut.mod === undefined) return shortcut.keys;
  return [isApple() ? "⌘" : ctrl, ...shortcut.keys.map((key) => key.toUpperCase())];
}

function isApple(): boolean {
  return typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);
}
