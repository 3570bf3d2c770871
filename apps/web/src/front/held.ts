import type { Duplex } from "node:stream";

/** More than any answer of a relay's, and than anyone says before it is answered. */
const MAX_BYTES = 131_072;

export interface HeldEvents {
  /** There are more bytes than before. */
  readonly more?: () => void;
  /** It ended or was cut while it was held. */
  readonly gone: () => void;
}

/** A connection whose bytes are kept until it is known who is to read them. Past 128 KiB no more is read meanwhile. */
export class Held {
  readonly #stream: Duplex;
  readonly #gone: () => void;
  readonly #take: (chunk: Buffer) => void;
  #bytes: Buffer;

  constructor(stream: Duplex, events: HeldEvents, first: Buffer = Buffer.alloc(0)) {
    this.#stream = stream;
    this.#bytes = first;
    this.#gone = events.gone;
    this.#take = (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      if (this.#bytes.length > MAX_BYTES) stream.pause();
      events.more?.();
    };
    stream.on("data", this.#take);
    for (const event of ["end", "close"]) stream.once(event, this.#gone);
    stream.resume();
    // What ended before it was held says so no more.
    if (stream.readableEnded || stream.destroyed) process.nextTick(() => stream.emit("close"));
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Holds it no longer. The bytes are dropped; it is paused, for others to resume. */
  drop(): void {
    this.#stream.off("data", this.#take);
    for (const event of ["end", "close"]) this.#stream.off(event, this.#gone);
    this.#stream.pause();
    this.#bytes = Buffer.alloc(0);
  }

  /** The same, with its bytes unread. */
  giveBack(): void {
    const bytes = this.#bytes;
    this.drop();
    if (bytes.length > 0 && !this.#stream.readableEnded && !this.#stream.destroyed) this.#stream.unshift(bytes);
  }
}
