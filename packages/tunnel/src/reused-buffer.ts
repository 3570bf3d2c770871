import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

/** What one read takes at most. More was not faster: this much stays in the processor's cache until it is written on. */
const BYTES = 65_536;

/**
 * Under which names Node keeps the buffer and the callback of `net.connect`'s `onread`, which is the public way to this and is there for
 * connections one makes oneself only: a connection that an HTTP server hands over after an upgrade was made without it. Null on a Node that
 * has it otherwise: bytes then go the ordinary way.
 */
const PLACES = (() => {
  const names = Object.getOwnPropertySymbols(new Socket());
  const [buffer, callback] = ["kBuffer", "kBufferCb"].map((description) => names.find((name) => name.description === description));
  return buffer === undefined || callback === undefined ? null : { buffer, callback };
})();

interface Handle {
  useUserBuffer?(buffer: Uint8Array): void;
}

/**
 * Reads a socket into one buffer, over and over, in place of a new one of 64 KiB for every read: that costs a third of a busy console's processor time
 * in fresh memory and its collection. `take` must be done with the bytes when it returns true; when it returns false nothing more is read
 * until `from.resume()`. Ends and errors come as events, as ever.
 * @returns false when this cannot be done with such a stream; nothing has been changed then.
 */
export function readReusing(from: Duplex, take: (chunk: Buffer) => boolean): boolean {
  // TLS hands on what it has decrypted whether one reads or not: the second piece would overwrite the first.
  if (PLACES === null || !(from instanceof Socket) || from instanceof TLSSocket || from.connecting || from.destroyed) return false;
  const socket = from as Socket & { _handle?: Handle | null } & Record<symbol, unknown>;
  const handle = socket._handle;
  if (typeof handle?.useUserBuffer !== "function") return false;
  // Read before (an upgrade's first bytes), in memory of its own.
  for (let early: unknown = from.read(); Buffer.isBuffer(early); early = from.read()) take(early);
  const buffer = Buffer.allocUnsafeSlow(BYTES);
  socket[PLACES.buffer] = buffer;
  socket[PLACES.callback] = (length: number) => take(buffer.subarray(0, length));
  handle.useUserBuffer(buffer);
  from.resume();
  return true;
}
