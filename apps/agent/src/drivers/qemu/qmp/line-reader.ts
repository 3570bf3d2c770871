/**
 * Cuts a byte stream into lines without ever holding more than `maxLineBytes` of one.
 * A QEMU that a guest broke out of is hostile: it may send without end and never a newline.
 */
export class LineReader {
  readonly #maxLineBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** @returns the lines that became whole, or `"too long"`; after that the reader is of no more use. */
  push(chunk: Buffer): readonly string[] | "too long" {
    const lines: string[] = [];
    let rest = chunk;
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      if (this.#pendingBytes + end > this.#maxLineBytes) return "too long";
      const text = Buffer.concat([...this.#pending, rest.subarray(0, end)])
        .toString("utf8")
        .trim();
      this.#pending = [];
      this.#pendingBytes = 0;
      if (text !== "") lines.push(text);
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) {
      this.#pending.push(rest);
      this.#pendingBytes += rest.length;
      if (this.#pendingBytes > this.#maxLineBytes) return "too long";
    }
    return lines;
  }
}
