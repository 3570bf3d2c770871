import { createConnection, type Socket } from "node:net";
import { constants, deflateSync, inflateSync } from "node:zlib";

/** Of the community's rfbproto, in the little of it that a test needs: of clipboards text alone, of screens one. */
const EXTENDED_DESKTOP_SIZE = -308;
const VERDICTS = [
  "done",
  "refused: prohibited",
  "refused: out of resources",
  "refused: this screen cannot",
  "forwarded to the guest",
] as const;
const EXTENDED_CLIPBOARD = -1_063_131_698;
const TEXT = 1;
const ACTION = { capabilities: 1 << 24, request: 1 << 25, notify: 1 << 27, provide: 1 << 28 } as const;
/** RFC 6143: what the server says of itself before its name. */
const SERVER_INIT_BYTES = 24;

/** A VNC viewer that looks at nothing, shares its clipboard, and asks for the size of its window. */
export class DesktopViewer {
  /** What the guest copied, newest last. */
  readonly copied: string[] = [];
  /** The screen's sizes as the server told them, and what it said to a wish for another. */
  readonly sizes: { readonly width: number; readonly height: number; readonly verdict: string | undefined }[] = [];
  readonly #socket: Socket;
  #held: Buffer = Buffer.alloc(0);
  #wanted: ((bytes: Buffer) => void) | null = null;
  #size = 0;
  #mine = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      this.#held = Buffer.concat([this.#held, chunk]);
      this.#serve();
    });
  }

  static async connect(path: string): Promise<DesktopViewer> {
    const viewer = new DesktopViewer(createConnection({ path }));
    await viewer.#read(12);
    viewer.#socket.write("RFB 003.008\n");
    const [kinds = 0] = await viewer.#read(1);
    await viewer.#read(kinds);
    viewer.#socket.write(Buffer.from([1]));
    await viewer.#read(4);
    viewer.#socket.write(Buffer.from([1]));
    await viewer.#read((await viewer.#read(SERVER_INIT_BYTES)).readUInt32BE(20));
    const encodings = Buffer.alloc(12);
    encodings.writeUInt8(2, 0);
    encodings.writeUInt16BE(2, 2);
    encodings.writeInt32BE(EXTENDED_CLIPBOARD, 4);
    encodings.writeInt32BE(EXTENDED_DESKTOP_SIZE, 8);
    viewer.#socket.write(encodings);
    void viewer.#listen();
    return viewer;
  }

  /** Offers a text; it goes over when the guest asks for it. */
  paste(text: string): void {
    this.#mine = text;
    this.#say(ACTION.notify | TEXT);
  }

  /** Asks for another size of the screen. */
  resize(width: number, height: number): void {
    const wish = Buffer.alloc(24);
    wish.writeUInt8(251, 0);
    wish.writeUInt16BE(width, 2);
    wish.writeUInt16BE(height, 4);
    wish.writeUInt8(1, 6);
    wish.writeUInt16BE(width, 16);
    wish.writeUInt16BE(height, 18);
    this.#socket.write(wish);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #listen(): Promise<void> {
    for (;;) {
      const kind = (await this.#read(1))[0];
      if (kind === 0) await this.#update();
      // The only other message that comes unasked is the bell.
      if (kind !== 3) continue;
      const length = (await this.#read(7)).readInt32BE(3);
      const message = await this.#read(Math.abs(length));
      if (length >= 0) continue;
      const flags = message.readUInt32BE(0);
      // It names what the server knows, by the same bits.
      if (flags & ACTION.capabilities) continue;
      if (flags & ACTION.notify && flags & TEXT) this.#say(ACTION.request | TEXT);
      if (flags & ACTION.request) {
        const text = Buffer.from(`${this.#mine}\0`);
        const size = Buffer.alloc(4);
        size.writeUInt32BE(text.length);
        this.#say(ACTION.provide | TEXT, deflateSync(Buffer.concat([size, text])));
      }
      if (flags & ACTION.provide && flags & TEXT) {
        const plain = inflateSync(message.subarray(4), { finishFlush: constants.Z_SYNC_FLUSH });
        this.copied.push(
          plain
            .subarray(4, 4 + plain.readUInt32BE(0))
            .toString("utf8")
            .replace(/\0$/, ""),
        );
      }
    }
  }

  /** Pictures were not asked for: these are sizes alone. */
  async #update(): Promise<void> {
    for (let left = (await this.#read(3)).readUInt16BE(1); left > 0; left--) {
      const rectangle = await this.#read(12);
      const [screens = 0] = await this.#read(4);
      await this.#read(16 * screens);
      this.sizes.push({
        width: rectangle.readUInt16BE(4),
        height: rectangle.readUInt16BE(6),
        verdict: VERDICTS[rectangle.readUInt16BE(2)],
      });
    }
  }

  #say(flags: number, payload: Buffer = Buffer.alloc(0)): void {
    const head = Buffer.alloc(12);
    head.writeUInt8(6, 0);
    head.writeInt32BE(-(4 + payload.length), 4);
    head.writeUInt32BE(flags >>> 0, 8);
    this.#socket.write(Buffer.concat([head, payload]));
  }

  #read(size: number): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#size = size;
      this.#wanted = resolve;
      this.#serve();
    });
  }

  #serve(): void {
    if (this.#wanted === null || this.#held.length < this.#size) return;
    const resolve = this.#wanted;
    const bytes = this.#held.subarray(0, this.#size);
    this.#held = this.#held.subarray(this.#size);
    this.#wanted = null;
    resolve(bytes);
  }
}

/**
 * What spice-vdagent does for a desktop's clipboard, for a guest without a desktop (Python, SPICE's vd_agent.h): it has copied `copied`, and
 * writes what is pasted to `pastedPath`. Ends by itself.
 */
export const guestAgentScript = (copied: string, pastedPath: string): string => `
import os, struct, time
port = os.open("/dev/virtio-ports/com.redhat.spice.0", os.O_RDWR)
def say(kind, data):
    message = struct.pack("<IIQI", 1, kind, 0, len(data)) + data
    os.write(port, struct.pack("<II", 1, len(message)) + message)
held = b""
def read(size):
    global held
    while len(held) < size:
        held += os.read(port, 4096) or time.sleep(0.05) or b""
    taken, held = held[:size], held[size:]
    return taken
message = b""
say(6, struct.pack("<II", 1, (1 << 5) | (1 << 6)))
while True:
    _, size = struct.unpack("<II", read(8))
    message += read(size)
    _, kind, _, length = struct.unpack("<IIQI", message[:20])
    if len(message) < 20 + length: continue
    data, message = message[20:20 + length], message[20 + length:]
    if kind == 6: say(7, struct.pack("<B3xI", 0, 1))
    if kind == 8: say(4, struct.pack("<B3xI", 0, 1) + ${JSON.stringify(copied)}.encode())
    if kind == 7: say(8, struct.pack("<B3xI", 0, 1))
    if kind == 4:
        open("${pastedPath}", "wb").write(data[8:])
        break
`;
