import type { Duplex } from "node:stream";
import { encodeFrames, FrameReader, frameBytes, isWireGuard } from "./carrier-frames";
import { CarrierPace } from "./carrier-pace";

/** In this process, beyond what the kernel took. */
const MAX_QUEUED_BYTES = 262_144;
/** WireGuard says something every 15 s, heartbeats every 5 s: a side that is silent this long is gone. */
const SILENT_MS = 45_000;
const LOOK_EVERY_MS = 5_000;

export interface CarrierOptions {
  /** To the other side of the carrier; ended with it. */
  readonly stream: Duplex;
  /** A datagram for this side's WireGuard; the bytes are valid until it returns. */
  readonly toWireGuard: (datagram: Buffer) => void;
  /** Once. `garbage`: it was ended here because the other side sent what is no frame. */
  readonly onEnd: (reason: string, garbage: boolean) => void;
  readonly now?: () => number;
}

export interface CarrierCounts {
  /** Into the stream. */
  readonly sent: number;
  /** Not sent: the stream was congested, or these were none of WireGuard's. */
  readonly dropped: number;
  readonly received: number;
}

/**
 * WireGuard's datagrams over a stream, the same at host and relay. It is as good as a cable and no better: what the stream does not take at once is dropped, so that
 * what arrives is fresh and nothing piles up.
 */
export class Carrier {
  readonly #options: CarrierOptions;
  readonly #now: () => number;
  readonly #pace = new CarrierPace();
  readonly #look: NodeJS.Timeout;
  #batch: Buffer[] = [];
  #batchBytes = 0;
  #flushing: NodeJS.Immediate | null = null;
  #read = 0;
  #acknowledged = 0;
  #heardAt: number;
  #counts = { sent: 0, dropped: 0, received: 0 };
  #ended = false;

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#heardAt = this.#now();
    const { stream } = options;
    const reader = new FrameReader({
      datagram: (bytes) => {
        this.#read += frameBytes(bytes);
        this.#counts.received += 1;
        if (!this.#ended) options.toWireGuard(bytes);
      },
      acknowledged: (total) => {
        if (!this.#pace.acknowledged(total, this.#now())) this.#end("it acknowledged what was not sent", true);
      },
    });
    stream.on("data", (chunk: Buffer) => {
      if (this.#ended) return;
      this.#heardAt = this.#now();
      if (!reader.push(chunk)) return this.#end("what came were no frames", true);
      this.#acknowledgeSoon();
    });
    stream.on("end", () => this.#end("the other side ended it", false));
    stream.on("error", (error) => this.#end(`the connection failed: ${error.message}`, false));
    stream.on("close", () => this.#end("the connection is gone", false));
    this.#look = setInterval(() => {
      if (this.#now() - this.#heardAt > SILENT_MS) this.#end(`nothing came for ${SILENT_MS / 1_000} s`, false);
    }, LOOK_EVERY_MS);
    this.#look.unref();
  }

  get counts(): CarrierCounts {
    return this.#counts;
  }

  /** A datagram of this side's WireGuard; it keeps the bytes until they are sent. */
  fromWireGuard(datagram: Buffer): void {
    if (this.#ended) return;
    const bytes = frameBytes(datagram);
    const queued = this.#options.stream.writableLength + this.#batchBytes;
    if (queued + bytes > MAX_QUEUED_BYTES || !this.#pace.admits(this.#batchBytes + bytes, this.#now()) || !isWireGuard(datagram)) {
      this.#counts.dropped += 1;
      return;
    }
    this.#batch.push(datagram);
    this.#batchBytes += bytes;
    this.#flushSoon();
  }

  close(): void {
    this.#end("closed here", false);
  }

  #acknowledgeSoon(): void {
    if (!this.#ended && this.#read > this.#acknowledged) this.#flushSoon();
  }

  /** Once all that is there to be read has been: one write for many datagrams. */
  #flushSoon(): void {
    this.#flushing ??= setImmediate(() => {
      this.#flushing = null;
      const { stream } = this.#options;
      const batch = this.#batch;
      // One waiting acknowledgement at a time: a side that sends and does not read must not fill this one's memory with them.
      if (batch.length === 0 && stream.writableLength > 0) return;
      if (this.#batchBytes > 0) this.#pace.sent(this.#batchBytes, this.#now());
      this.#batch = [];
      this.#batchBytes = 0;
      this.#counts.sent += batch.length;
      const acknowledge = this.#read > this.#acknowledged ? this.#read : null;
      this.#acknowledged = this.#read;
      stream.write(encodeFrames(batch, acknowledge), () => this.#acknowledgeSoon());
    });
  }

  #end(reason: string, garbage: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#look);
    if (this.#flushing !== null) clearImmediate(this.#flushing);
    this.#batch = [];
    this.#options.stream.destroy();
    this.#options.onEnd(reason, garbage);
  }
}
