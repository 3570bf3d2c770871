import type { Server } from "node:http";
import { Duplex } from "node:stream";

const TICKS_BEFORE_THE_END = 4;
const MAX_WAIT_MS = 10_000;

/** A connection that is none: its peer says all it has to say, waits a moment and hangs up. */
class MemorySocket extends Duplex {
  readonly remoteAddress = "127.0.0.1";
  readonly bytesRead = 0;
  bytesWritten = 0;
  readonly written: Buffer[] = [];

  override _read(): void {}
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.written.push(Buffer.from(chunk));
    this.bytesWritten += chunk.length;
    done();
  }
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  destroySoon(): void {
    this.end();
  }
}

/** What a server answers to these bytes on a connection of their own. @throws when the connection is not ended. */
export async function exchange(server: Pick<Server, "emit">, input: Buffer): Promise<Buffer> {
  const socket = new MemorySocket();
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", resolve));
  server.emit("connection", socket);
  socket.push(input);
  for (let tick = 0; tick < TICKS_BEFORE_THE_END; tick += 1) await new Promise(setImmediate);
  socket.push(null);
  let late: NodeJS.Timeout | undefined;
  const never = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => reject(new Error("the connection is never ended")), MAX_WAIT_MS);
  });
  await Promise.race([closed, never]);
  clearTimeout(late);
  return Buffer.concat(socket.written);
}

/** Status lines of what was answered; "garbage" when it is not HTTP. */
export function statusesOf(answer: Buffer): string[] {
  if (answer.length === 0) return [];
  const text = answer.toString("latin1");
  if (!text.startsWith("HTTP/1.1 ")) return ["garbage"];
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1] ?? "");
}
