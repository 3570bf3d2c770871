import { FUNCTION_KEYS, type Modifier, NAMED_KEYS } from "./special-keys";

const CSI = "\u001b[";
const { escape: esc, tab, enter, backspace, delete: del, insert, home, end, pageUp, pageDown, up, down, left, right, space } = NAMED_KEYS;

/** What a terminal of the kind xterm sends for a key (ctlseqs, "PC-Style Function Keys"), by its `code`. */
const SEQUENCES: Readonly<Record<string, string>> = {
  [esc.code]: "\u001b",
  [tab.code]: "\t",
  [enter.code]: "\r",
  [backspace.code]: "\u007f",
  [space.code]: " ",
  [up.code]: `${CSI}A`,
  [down.code]: `${CSI}B`,
  [right.code]: `${CSI}C`,
  [left.code]: `${CSI}D`,
  [home.code]: `${CSI}H`,
  [end.code]: `${CSI}F`,
  [insert.code]: `${CSI}2~`,
  [del.code]: `${CSI}3~`,
  [pageUp.code]: `${CSI}5~`,
  [pageDown.code]: `${CSI}6~`,
  ...Object.fromEntries(
    ["\u001bOP", "\u001bOQ", "\u001bOR", "\u001bOS", "15~", "17~", "18~", "19~", "20~", "21~", "23~", "24~"].map((sequence, index) => [
      FUNCTION_KEYS[index]?.code ?? "",
      sequence.startsWith("\u001b") ? sequence : `${CSI}${sequence}`,
    ]),
  ),
};

/** Empty for a key that terminals do not know. */
export function sequenceOf(code: string): string {
  return SEQUENCES[code] ?? "";
}

/** What was typed with modifiers held for it: Ctrl makes control characters of @ to _ and of letters, Alt puts Escape before it. */
export function withModifiers(text: string, held: ReadonlySet<Modifier>): string {
  const upper = text.toUpperCase();
  const controlled = held.has("ctrl") && /^[@-_]$/.test(upper) ? String.fromCharCode(upper.charCodeAt(0) & 0x1f) : text;
  return held.has("alt") ? `\u001b${controlled}` : controlled;
}
