import type { Duplex } from "node:stream";
import { ByteRing } from "./byte-ring";
import { SerialView } from "./serial-view";

/** Kept for viewers that come: what they are shown of before. */
export const HISTORY_BYTES = 262_144;
/** From connecting until QEMU's main loop has surely taken the connection. */
const SETTLE_MS = 50;
/** A guest that prints without pause is not waited for: then a few bytes may be shown twice. */
const LOOKS = 5;
/** The log and the port are compared over no more than this. */
const MAX_OVERLAP_BYTES = 65_536;
/** A history that was cut begins with a whole line, if one begins this soon. */
const LINE_BYTES = 4_096;

export interface SerialSource {
  /** A fresh connection to the port. */
  readonly open: () => Promise<Duplex>;
  /** The end of the kept log, at most so many bytes. */
  readonly log: (bytes: number) => Promise<Buffer>;
  /** The last viewer has left, or the port has closed: the hub holds nothing any more. */
  readonly onIdle?: () => void;
}

export interface JoinedSerial {
  readonly stream: SerialView;
  /** So many of the stream's first bytes were printed before: a terminal must not answer what they ask. */
  readonly historyBytes: number;
}

/**
 * One reader of a VM's serial port for any number of viewers. QEMU's socket serves one client at a time, and the guest's writes wait for
 * one that does not read (chardev/char-socket.c): so this reads always, whoever of the viewers does.
 *
 *   idle ──first viewer──▶ opening ──▶ open ──the last leaves, or the port closes──▶ idle
 *                             └──fails──▶ idle (each who waited is told)
 *
 * Invariants: at most one connection to the port; a viewer sees what is in the kept log and from there on every byte once; no viewer's
 * pace is another's, nor the guest's.
 */
export class SerialHub {
  readonly #source: SerialSource;
  readonly #views = new Set<SerialView>();
  #port: { readonly stream: Duplex; readonly recent: ByteRing } | null = null;
  #opening: Promise<void> | null = null;
  #joining = 0;

  constructor(source: SerialSource) {
    this.#source = source;
  }

  /** @throws what `open` throws. */
  async join(): Promise<JoinedSerial> {
    this.#joining += 1;
    try {
      while (this.#port === null) {
        this.#opening ??= this.#open().finally(() => {
          this.#opening = null;
        });
        await this.#opening;
      }
      const { recent } = this.#port;
      const stream = new SerialView({
        write: (chunk, done) => this.#write(chunk, done),
        last: (bytes) => recent.last(bytes),
        left: (view) => this.#leave(view),
      });
      const history = fromLineStart(recent.last());
      if (history.length > 0) stream.offer(history);
      this.#views.add(stream);
      return { stream, historyBytes: history.length };
    } finally {
      this.#joining -= 1;
      this.#idleWithoutViewers();
    }
  }

  async #open(): Promise<void> {
    const stream = await this.#source.open();
    let live: Buffer[] | null = [];
    let liveBytes = 0;
    const recent = new ByteRing(HISTORY_BYTES);
    const collect = (chunk: Buffer) => {
      if (live === null) {
        recent.push(chunk);
        for (const view of this.#views) view.offer(chunk);
        return;
      }
      live.push(chunk);
      liveBytes += chunk.length;
    };
    let closed = false;
    stream.on("data", collect);
    stream.on("error", () => stream.destroy());
    stream.once("end", () => stream.destroy());
    stream.once("close", () => {
      closed = true;
      if (this.#port?.stream === stream) this.#closed();
    });
    // Nobody knows at which byte of the log this connection began: when both have stood still, they end alike.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    let log: Buffer = Buffer.alloc(0);
    for (let look = 0; look < LOOKS; look += 1) {
      const before = liveBytes;
      log = await this.#source.log(HISTORY_BYTES).catch(() => Buffer.alloc(0));
      if (liveBytes === before) break;
    }
    const heard = Buffer.concat(live);
    live = null;
    recent.push(log);
    recent.push(heard.subarray(overlap(log, heard)));
    if (closed) throw new Error("the serial port closed as it was opened");
    this.#port = { stream, recent };
  }

  #write(chunk: Buffer, done: (error?: Error | null) => void): void {
    if (this.#port === null) done();
    else this.#port.stream.write(chunk, done);
  }

  #leave(view: SerialView): void {
    this.#views.delete(view);
    this.#idleWithoutViewers();
  }

  #idleWithoutViewers(): void {
    if (this.#views.size > 0 || this.#joining > 0) return;
    if (this.#port === null) this.#source.onIdle?.();
    else this.#port.stream.destroy();
  }

  #closed(): void {
    this.#port = null;
    const views = [...this.#views];
    this.#views.clear();
    for (const view of views) view.finish();
    if (this.#joining === 0) this.#source.onIdle?.();
  }
}

/** How many of `heard`'s first bytes are the last of `log` already. */
function overlap(log: Buffer, heard: Buffer): number {
  for (let length = Math.min(log.length, heard.length, MAX_OVERLAP_BYTES); length > 0; length -= 1) {
    if (log.subarray(log.length - length).equals(heard.subarray(0, length))) return length;
  }
  return 0;
}

function fromLineStart(bytes: Buffer): Buffer {
  if (bytes.length < HISTORY_BYTES) return bytes;
  const newline = bytes.subarray(0, LINE_BYTES).indexOf(0x0a);
  return newline === -1 ? bytes : bytes.subarray(newline + 1);
}
