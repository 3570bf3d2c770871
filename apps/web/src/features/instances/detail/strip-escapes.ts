// Written as code points: control characters may stand in no regular expression here.
const ESC = "\u001b";
const BELL = "\u0007";
const ESCAPES = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BELL}${ESC}]*(?:${BELL}|${ESC}\\\\)|[@-Z\\\\-~])`, "g");
const NEWLINE = 10;
const TAB = 9;

/** A terminal's text without what only a terminal understands: escapes (ECMA-48 CSI and OSC) and control characters. */
export function stripEscapes(text: string): string {
  return Array.from(text.replace(ESCAPES, ""))
    .filter((character) => {
      const code = character.charCodeAt(0);
      return code >= 32 || code === NEWLINE || code === TAB;
    })
    .join("");
}
