/**
 * WireGuard's datagrams in a stream of bytes: each frame is a length (2 bytes, big endian) and so many bytes. Four bytes are an acknowledgement: how many
 * bytes of frames with datagrams the other side has read, modulo 2^32. Everything else is a datagram of WireGuard's, told by its head; what is neither ends the stream,
 * because nothing tells where the next frame begins.
 */
const HEAD_BYTES = 2;
const ACK_BYTES = 4;
/** A keepalive. */
export const MIN_DATAGRAM_BYTES = 32;
/** The overlay's packets are 1280 bytes and WireGuard adds 32; this is what fits an Ethernet. */
export const MAX_DATAGRAM_BYTES = 1_500;

/** Messages 1 to 3 have a length of their own; the fourth is data (WireGuard's whitepaper, section 5.4). */
const LENGTHS: Readonly<Record<number, number>> = { 1: 148, 2: 92, 3: 64 };
const DATA = 4;

/** Whether these bytes may be one of WireGuard's messages, by type and length. Its keys are WireGuard's to check. */
export function isWireGuard(bytes: Buffer): boolean {
  const { length } = bytes;
  if (length < MIN_DATAGRAM_BYTES || length > MAX_DATAGRAM_BYTES) return false;
  // Type, then three bytes that are zero.
  const type = bytes.readUInt32LE(0);
  return type === DATA || LENGTHS[type] === length;
}

/** Data that is more than a keepalive: the other side's programs have something to answer. */
export const isWireGuardData = (bytes: Buffer): boolean => bytes.length > MIN_DATAGRAM_BYTES && bytes.readUInt32LE(0) === DATA;

/** What a datagram takes in the stream. */
export const frameBytes = (datagram: Buffer): number => HEAD_BYTES + datagram.length;

/** All of them in one piece; `acknowledged` (bytes read in all) last, unless null. */
export function encodeFrames(datagrams: readonly Buffer[], acknowledged: number | null): Buffer {
  const size = datagrams.reduce((sum, datagram) => sum + frameBytes(datagram), acknowledged === null ? 0 : HEAD_BYTES + ACK_BYTES);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const datagram of datagrams) {
    at = bytes.writeUInt16BE(datagram.length, at);
    at += datagram.copy(bytes, at);
  }
  if (acknowledged !== null) bytes.writeUInt32BE(acknowledged % 2 ** 32, bytes.writeUInt16BE(ACK_BYTES, at));
  return bytes;
}

export interface FrameTaker {
  /** Valid until it returns. */
  datagram(bytes: Buffer): void;
  /** Modulo 2^32. */
  acknowledged(total: number): void;
}

/** Reads frames out of a stream that is cut anywhere. Holds less than one frame. */
export class FrameReader {
  readonly #taker: FrameTaker;
  #rest: Buffer = Buffer.alloc(0);

  constructor(taker: FrameTaker) {
    this.#taker = taker;
  }

  /** False when these bytes are no frames: the stream is to be ended, and nothing more of it read. */
  push(chunk: Buffer): boolean {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= HEAD_BYTES) {
      const length = bytes.readUInt16BE(at);
      if (length !== ACK_BYTES && (length < MIN_DATAGRAM_BYTES || length > MAX_DATAGRAM_BYTES)) return false;
      const end = at + HEAD_BYTES + length;
      if (end > bytes.length) break;
      if (length === ACK_BYTES) this.#taker.acknowledged(bytes.readUInt32BE(at + HEAD_BYTES));
      else {
        const datagram = bytes.subarray(at + HEAD_BYTES, end);
        if (!isWireGuard(datagram)) return false;
        this.#taker.datagram(datagram);
      }
      at = end;
    }
    // A copy: what is left of a read must not keep all of it.
    this.#rest = Buffer.from(bytes.subarray(at));
    return true;
  }
}
