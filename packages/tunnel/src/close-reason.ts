/** RFC 6455 section 5.5.1: a close frame's payload is at most 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123;

/** `text` cut to what a websocket close frame can carry, never in the middle of a character. */
export function closeReason(text: string): string {
  if (Buffer.byteLength(text) <= MAX_REASON_BYTES) return text;
  let cut = "";
  for (const character of text) {
    if (Buffer.byteLength(cut) + Buffer.byteLength(character) > MAX_REASON_BYTES - 3) break;
    cut += character;
  }
  return `${cut}…`;
}
