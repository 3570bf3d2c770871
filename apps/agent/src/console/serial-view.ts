import { Duplex } from "node:stream";

/** What waits for a viewer who reads more slowly than the guest prints; beside it the bridge holds a megabyte of its own. */
const MAX_WAITING_BYTES = 1_048_576;
/** What such a viewer is shown when it reads on. */
const RESUME_WITH_BYTES = 65_536;

export interface SerialViewOptions {
  readonly write: (chunk: Buffer, done: (error?: Error | null) => void) => void;
  /** The last bytes the guest printed. */
  readonly last: (bytes: number) => Buffer;
  readonly left: (view: SerialView) => void;
}

/**
 * One viewer of a serial port, as a stream of its own.
 *
 *   following ──more waits than it may──▶ behind ──it has read what waited──▶ following
 *
 * Invariants: a viewer who is behind costs nothing more; what it missed is said in the stream, once, with how much it was, and the newest
 * bytes follow.
 */
export class SerialView extends Duplex {
  readonly #options: SerialViewOptions;
  #missed = 0;

  constructor(options: SerialViewOptions) {
    super({ allowHalfOpen: false, readableHighWaterMark: 65_536, writableHighWaterMark: 65_536 });
    this.#options = options;
  }

  /** What the guest printed. */
  offer(chunk: Buffer): void {
    if (this.destroyed || this.readableEnded) return;
    if (this.#missed === 0 && this.readableLength + chunk.length <= MAX_WAITING_BYTES) this.push(chunk);
    else this.#missed += chunk.length;
  }

  /** The port is closed: what waits is still read. */
  finish(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    if (this.#missed === 0) return;
    const tail = this.#options.last(Math.min(this.#missed, RESUME_WITH_BYTES));
    const gone = this.#missed - tail.length;
    this.#missed = 0;
    this.push(Buffer.concat([Buffer.from(gone > 0 ? leftOut(gone) : ""), tail]));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#options.write(chunk, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#options.left(this);
    done(error);
  }
}

/** In the stream itself, where a reader looks; colours that were cut in their midst are ended first. */
function leftOut(bytes: number): string {
  return `\u001b[0m\r\n[Indium: ${bytes.toLocaleString("en")} bytes were left out here, because this viewer reads more slowly than the guest prints. The log has them.]\r\n`;
}
