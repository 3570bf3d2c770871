/**
 * Deeper than anything that is said between our parts, or to them. What is made for deeper nesting costs out of all proportion, or ends where nobody
 * looks for it: turning arrays in arrays into text is done by recursion, and zod's check of a length does so to an object whose `length` is one (4.6).
 */
const MAX_DEPTH = 64;

/** JSON of somebody else; undefined for what is none, or is nested deeper than anything of ours. */
export function readForeignJson(text: string): unknown {
  if (isDeeplyNested(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** By brackets outside of strings, before anything is made of them. */
export function isDeeplyNested(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth += 1;
        if (depth > MAX_DEPTH) return true;
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        depth -= 1;
        break;
      default:
    }
  }
  return false;
}

const [QUOTE, BACKSLASH, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Where the string that begins at `start` ends: its closing quote, or the text's end. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
