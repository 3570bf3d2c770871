/** A key as noVNC sends it: by its keysym (X11 keysymdef.h) and its place (UI Events `code`); QEMU is told the place. */
export interface SpecialKey {
  readonly label: string;
  readonly keysym: number;
  readonly code: string;
}

const key = (label: string, keysym: number, code: string): SpecialKey => ({ label, keysym, code });

export const MODIFIERS = {
  ctrl: key("Ctrl", 0xffe3, "ControlLeft"),
  alt: key("Alt", 0xffe9, "AltLeft"),
  shift: key("Shift", 0xffe1, "ShiftLeft"),
  super: key("Super", 0xffeb, "MetaLeft"),
} as const;
export type Modifier = keyof typeof MODIFIERS;
export const MODIFIER_NAMES = Object.keys(MODIFIERS) as readonly Modifier[];

export const FUNCTION_KEYS: readonly SpecialKey[] = Array.from({ length: 12 }, (_, index) =>
  key(`F${index + 1}`, 0xffbe + index, `F${index + 1}`),
);

export const NAMED_KEYS = {
  escape: key("Esc", 0xff1b, "Escape"),
  tab: key("Tab", 0xff09, "Tab"),
  enter: key("Enter", 0xff0d, "Enter"),
  backspace: key("Backspace", 0xff08, "Backspace"),
  delete: key("Delete", 0xffff, "Delete"),
  insert: key("Insert", 0xff63, "Insert"),
  home: key("Home", 0xff50, "Home"),
  end: key("End", 0xff57, "End"),
  pageUp: key("Page Up", 0xff55, "PageUp"),
  pageDown: key("Page Down", 0xff56, "PageDown"),
  up: key("Up", 0xff52, "ArrowUp"),
  down: key("Down", 0xff54, "ArrowDown"),
  left: key("Left", 0xff51, "ArrowLeft"),
  right: key("Right", 0xff53, "ArrowRight"),
  print: key("Print Screen", 0xff61, "PrintScreen"),
  pause: key("Pause", 0xff13, "Pause"),
  space: key("Space", 0x20, "Space"),
} as const;

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"].map((letter) =>
  key(letter.toUpperCase(), letter.charCodeAt(0), `Key${letter.toUpperCase()}`),
);
const DIGITS = [..."1234567890"].map((digit) => key(digit, digit.charCodeAt(0), `Digit${digit}`));

/** Every key that a combination may end with. */
export const COMBINABLE: readonly SpecialKey[] = [...Object.values(NAMED_KEYS), ...FUNCTION_KEYS, ...LETTERS, ...DIGITS];

export type KeySender = (keysym: number, code: string, down: boolean) => void;

/** Presses keys in order, as held down together, and lets go of them the other way round. */
export function pressTogether(send: KeySender, keys: readonly SpecialKey[]): void {
  for (const { keysym, code } of keys) send(keysym, code, true);
  for (const { keysym, code } of [...keys].reverse()) send(keysym, code, false);
}
