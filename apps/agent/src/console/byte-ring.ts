/** The last `capacity` bytes of a stream. Its memory grows to that with what comes and no further. */
export class ByteRing {
  readonly #capacity: number;
  #buffer = Buffer.alloc(4_096);
  #length = 0;
  /** Where the next byte goes, once the ring is full. */
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(chunk: Buffer): void {
    let rest = chunk.subarray(Math.max(0, chunk.length - this.#capacity));
    if (this.#length < this.#capacity) {
      this.#grow(Math.min(this.#capacity, this.#length + rest.length));
      const head = rest.subarray(0, this.#capacity - this.#length);
      head.copy(this.#buffer, this.#length);
      this.#length += head.length;
      rest = rest.subarray(head.length);
    }
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#capacity - this.#next);
      part.copy(this.#buffer, this.#next);
      this.#next = (this.#next + part.length) % this.#capacity;
      rest = rest.subarray(part.length);
    }
  }

  /** A copy, oldest first; of at most the last `bytes`. */
  last(bytes = this.#capacity): Buffer {
    const all = this.#buffer.subarray(0, this.#length);
    const ordered = Buffer.concat([all.subarray(this.#next), all.subarray(0, this.#next)]);
    return ordered.subarray(Math.max(0, ordered.length - bytes));
  }

  #grow(wanted: number): void {
    if (wanted <= this.#buffer.length) return;
    const grown = Buffer.alloc(Math.min(this.#capacity, Math.max(wanted, 2 * this.#buffer.length)));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
