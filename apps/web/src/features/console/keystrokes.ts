/** One key of a US keyboard: its place (UI Events `code`), its keysym (X11 keysymdef.h), and whether Shift is held. */
export interface Keystroke {
  readonly code: string;
  readonly keysym: number;
  readonly shift: boolean;
}

const PLAIN: Readonly<Record<string, string>> = {
  "`": "Backquote",
  "-": "Minus",
  "=": "Equal",
  "[": "BracketLeft",
  "]": "BracketRight",
  "\\": "Backslash",
  ";": "Semicolon",
  "'": "Quote",
  ",": "Comma",
  ".": "Period",
  "/": "Slash",
  " ": "Space",
};
const SHIFTED: Readonly<Record<string, string>> = {
  "~": "Backquote",
  _: "Minus",
  "+": "Equal",
  "{": "BracketLeft",
  "}": "BracketRight",
  "|": "Backslash",
  ":": "Semicolon",
  '"': "Quote",
  "<": "Comma",
  ">": "Period",
  "?": "Slash",
  "!": "Digit1",
  "@": "Digit2",
  "#": "Digit3",
  $: "Digit4",
  "%": "Digit5",
  "^": "Digit6",
  "&": "Digit7",
  "*": "Digit8",
  "(": "Digit9",
  ")": "Digit0",
};
export const SHIFT: Keystroke = { code: "ShiftLeft", keysym: 0xffe1, shift: false };

function keystroke(character: string): Keystroke | null {
  const keysym = character.charCodeAt(0);
  if (character === "\n") return { code: "Enter", keysym: 0xff0d, shift: false };
  if (character === "\t") return { code: "Tab", keysym: 0xff09, shift: false };
  if (/^[a-z]$/.test(character)) return { code: `Key${character.toUpperCase()}`, keysym, shift: false };
  if (/^[A-Z]$/.test(character)) return { code: `Key${character}`, keysym, shift: true };
  if (/^[0-9]$/.test(character)) return { code: `Digit${character}`, keysym, shift: false };
  const plain = PLAIN[character];
  if (plain !== undefined) return { code: plain, keysym, shift: false };
  const shifted = SHIFTED[character];
  return shifted === undefined ? null : { code: shifted, keysym, shift: true };
}

/**
 * A text as the keys that type it on a US keyboard. QEMU takes keys by their place, not by what they mean, so the guest's
 * own layout decides what appears; `untypable` are the characters that such a keyboard has not.
 */
export function keystrokes(text: string): { keys: readonly Keystroke[]; untypable: readonly string[] } {
  const keys: Keystroke[] = [];
  const untypable = new Set<string>();
  for (const character of text.replace(/\r\n?/g, "\n")) {
    const key = keystroke(character);
    if (key === null) untypable.add(character);
    else keys.push(key);
  }
  return { keys, untypable: [...untypable] };
}
