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

/** Only after so many bytes has a connection such a buffer: a relay has thousands that are idle but for their pings. */
const WORTH_IT_BYTES = 262_144;

/**
 * Reads a socket into one buffer, over and over, in place of a new one of 64 KiB for every read: that costs a third of a busy console's processor time
 * in fresh memory and its collection. `take` must be done with the bytes when it returns true; when it returns false nothing more is read
 * until `from.resume()`. Ends and errors come as events, as ever.
 * @returns false when this cannot be done with such a stream; nothing has been changed then.
 */
export function readReusing(from: Duplex, take: (chunk: Buffer) => boolean): boolean {
  // TLS hands on what it has decrypted whether one reads or not: the second piece would overwrite the first.
  if (PLACES === null || !(from instanceof Socket) || from instanceof TLSSocket || from.connecting || from.destroyed) return false;
  const { _handle: handle } = from as Socket & { _handle?: Handle | null };
  if (typeof handle?.useUserBuffer !== "function") return false;
  let carried = 0;
  const first = (chunk: Buffer): void => {
    carried += chunk.length;
    if (!take(chunk)) from.pause();
    else if (carried >= WORTH_IT_BYTES && from.readableLength === 0 && !from.isPaused()) {
      from.off("data", first);
      reuse(from, take);
      // Without a listener a stream that flows would be taken for one that nobody reads.
      from.resume();
    }
  };
  from.on("data", first);
  return true;
}

function reuse(from: Socket, take: (chunk: Buffer) => boolean): void {
  const socket = from as Socket & { _handle?: Handle | null } & Record<symbol, unknown>;
  if (PLACES === null || !socket._handle) return;
  const buffer = Buffer.allocUnsafeSlow(BYTES);
  socket[PLACES.buffer] = buffer;
  socket[PLACES.callback] = (length: number) => take(buffer.subarray(0, length));
  socket._handle.useUserBuffer?.(buffer);
}
