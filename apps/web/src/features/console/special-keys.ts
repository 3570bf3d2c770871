import type { Messages } from "@/locales/messages";
import type { ConsoleWords } from "./console-words";

/** A key as noVNC sends it: by its keysym (X11 keysymdef.h) and its place (UI Events `code`); QEMU is told the place. */
export interface SpecialKey {
  /** By what it is known in the language files; null where `print` says it in every language. */
  readonly name: keyof Messages["console"]["keys"] | null;
  readonly print: string;
  readonly keysym: number;
  readonly code: string;
}

const key = (name: NonNullable<SpecialKey["name"]>, keysym: number, code: string): SpecialKey => ({ name, print: "", keysym, code });
const printed = (print: string, keysym: number, code: string): SpecialKey => ({ name: null, print, keysym, code });

/** What stands on it. */
export function labelOf(t: ConsoleWords, { name, print }: SpecialKey): string {
  return name === null ? print : t(`keys.${name}`);
}

export const MODIFIERS = {
  ctrl: key("ctrl", 0xffe3, "ControlLeft"),
  alt: key("alt", 0xffe9, "AltLeft"),
  shift: key("shift", 0xffe1, "ShiftLeft"),
  super: key("super", 0xffeb, "MetaLeft"),
} as const;
export type Modifier = keyof typeof MODIFIERS;
export const MODIFIER_NAMES = Object.keys(MODIFIERS) as readonly Modifier[];

export const FUNCTION_KEYS: readonly SpecialKey[] = Array.from({ length: 12 }, (_, index) =>
  printed(`F${index + 1}`, 0xffbe + index, `F${index + 1}`),
);

export const NAMED_KEYS = {
  escape: key("escape", 0xff1b, "Escape"),
  tab: key("tab", 0xff09, "Tab"),
  enter: key("enter", 0xff0d, "Enter"),
  backspace: key("backspace", 0xff08, "Backspace"),
  delete: key("delete", 0xffff, "Delete"),
  insert: key("insert", 0xff63, "Insert"),
  home: key("home", 0xff50, "Home"),
  end: key("end", 0xff57, "End"),
  pageUp: key("pageUp", 0xff55, "PageUp"),
  pageDown: key("pageDown", 0xff56, "PageDown"),
  up: key("up", 0xff52, "ArrowUp"),
  down: key("down", 0xff54, "ArrowDown"),
  left: key("left", 0xff51, "ArrowLeft"),
  right: key("right", 0xff53, "ArrowRight"),
  print: key("print", 0xff61, "PrintScreen"),
  pause: key("pause", 0xff13, "Pause"),
  space: key("space", 0x20, "Space"),
} as const;

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"].map((letter) =>
  printed(letter.toUpperCase(), letter.charCodeAt(0), `Key${letter.toUpperCase()}`),
);
const DIGITS = [..."1234567890"].map((digit) => printed(digit, digit.charCodeAt(0), `Digit${digit}`));

/** Every key that a combination may end with. */
export const COMBINABLE: readonly SpecialKey[] = [...Object.values(NAMED_KEYS), ...FUNCTION_KEYS, ...LETTERS, ...DIGITS];

export type KeySender = (keysym: number, code: string, down: boolean) => void;

/** Presses keys in order, as held down together, and lets go of them the other way round. */
export function pressTogether(send: KeySender, keys: readonly SpecialKey[]): void {
  for (const { keysym, code } of keys) send(keysym, code, true);
  for (const { keysym, code } of [...keys].reverse()) send(keysym, code, false);
}
