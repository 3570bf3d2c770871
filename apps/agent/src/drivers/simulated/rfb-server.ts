import type { Duplex } from "node:stream";
import type { Rectangle, Screen } from "./screen";

/**
 * One viewer's RFB 3.8 session (RFC 6143) on a byte stream: security type None, raw encoding, the viewer's true-colour pixel
 * format. Enough for any viewer to show the screen and type; announces no extension, so none has to be understood.
 */
interface PixelFormat {
  readonly bytes: 1 | 2 | 4;
  readonly bigEndian: boolean;
  readonly max: readonly [number, number, number];
  readonly shift: readonly [number, number, number];
}

const SERVER_FORMAT: PixelFormat = { bytes: 4, bigEndian: false, max: [255, 255, 255], shift: [16, 8, 0] };
/** RFC 6143 7.5.6 puts no bound on pasted text; this does. */
const MAX_CUT_TEXT = 1_000_000;

type Phase = "version" | "security" | "init" | "messages";

export interface RfbSession {
  /** An area has changed; sent as soon as the viewer asks. */
  changed(area: Rectangle): void;
}

export function serveRfb(stream: Duplex, screen: Screen, name: string, onKey: (keysym: number, down: boolean) => void): RfbSession {
  let phase: Phase = "version";
  let input: Buffer = Buffer.alloc(0);
  let format = SERVER_FORMAT;
  let asked = false;
  let dirty: Rectangle | null = null;

  const flush = (): void => {
    if (!asked || dirty === null || stream.destroyed) return;
    const area = dirty;
    asked = false;
    dirty = null;
    stream.write(updateMessage(screen, area, format));
  };

  /** @returns how many bytes were understood; 0 when the message is not whole yet. */
  const message = (bytes: Buffer): number => {
    switch (bytes[0]) {
      case 0: {
        if (bytes.length < 20) return 0;
        const wanted = pixelFormat(bytes.subarray(4, 20));
        if (wanted === null) return -1;
        format = wanted;
        return 20;
      }
      case 2: {
        if (bytes.length < 4) return 0;
        const length = 4 + 4 * bytes.readUInt16BE(2);
        return bytes.length < length ? 0 : length;
      }
      case 3: {
        if (bytes.length < 10) return 0;
        asked = true;
        if (bytes[1] === 0) dirty = { x: 0, y: 0, width: screen.width, height: screen.height };
        flush();
        return 10;
      }
      case 4:
        if (bytes.length < 8) return 0;
        onKey(bytes.readUInt32BE(4), bytes[1] !== 0);
        return 8;
      case 5:
        return bytes.length < 6 ? 0 : 6;
      case 6: {
        if (bytes.length < 8) return 0;
        const length = bytes.readUInt32BE(4);
        if (length > MAX_CUT_TEXT) return -1;
        return bytes.length < 8 + length ? 0 : 8 + length;
      }
      default:
        return -1;
    }
  };

  /** As `message`, for whatever the phase expects. */
  const take = (bytes: Buffer): number => {
    switch (phase) {
      case "version":
        if (bytes.length < 12) return 0;
        if (!/^RFB 003\.00[378]\n$/.test(bytes.subarray(0, 12).toString("latin1"))) return -1;
        stream.write(Buffer.from([1, 1]));
        phase = "security";
        return 12;
      case "security":
        if (bytes.length < 1) return 0;
        if (bytes[0] !== 1) return -1;
        stream.write(Buffer.alloc(4));
        phase = "init";
        return 1;
      case "init":
        if (bytes.length < 1) return 0;
        stream.write(serverInit(screen, name));
        phase = "messages";
        return 1;
      case "messages":
        return bytes.length === 0 ? 0 : message(bytes);
    }
  };

  stream.on("data", (chunk: Buffer) => {
    input = Buffer.concat([input, chunk]);
    for (;;) {
      const used = take(input);
      if (used === 0) return;
      if (used < 0) {
        stream.destroy();
        return;
      }
      input = input.subarray(used);
    }
  });
  stream.on("error", () => stream.destroy());
  stream.write("RFB 003.008\n");

  return {
    changed: (area) => {
      dirty = dirty === null ? area : hull(dirty, area);
      flush();
    },
  };
}

function serverInit(screen: Screen, name: string): Buffer {
  const words = Buffer.from(name, "utf8");
  const head = Buffer.alloc(24);
  head.writeUInt16BE(screen.width, 0);
  head.writeUInt16BE(screen.height, 2);
  head.set([32, 24, 0, 1], 4);
  SERVER_FORMAT.max.forEach((max, index) => void head.writeUInt16BE(max, 8 + 2 * index));
  head.set(SERVER_FORMAT.shift, 14);
  head.writeUInt32BE(words.length, 20);
  return Buffer.concat([head, words]);
}

/** Null for a colour map or an odd size: those a viewer of today does not ask for. */
function pixelFormat(bytes: Buffer): PixelFormat | null {
  const size = bytes.readUInt8(0) / 8;
  if ((size !== 1 && size !== 2 && size !== 4) || bytes[3] === 0) return null;
  return {
    bytes: size,
    bigEndian: bytes[2] !== 0,
    max: [bytes.readUInt16BE(4), bytes.readUInt16BE(6), bytes.readUInt16BE(8)],
    shift: [bytes.readUInt8(10) & 31, bytes.readUInt8(11) & 31, bytes.readUInt8(12) & 31],
  };
}

function updateMessage(screen: Screen, area: Rectangle, format: PixelFormat): Buffer {
  const out = Buffer.alloc(16 + area.width * area.height * format.bytes);
  out.writeUInt16BE(1, 2);
  out.writeUInt16BE(area.x, 4);
  out.writeUInt16BE(area.y, 6);
  out.writeUInt16BE(area.width, 8);
  out.writeUInt16BE(area.height, 10);
  let at = 16;
  for (let y = area.y; y < area.y + area.height; y++) {
    for (let x = area.x; x < area.x + area.width; x++) {
      at = writePixel(out, at, screen.pixels[y * screen.width + x] ?? 0, format);
    }
  }
  return out;
}

function writePixel(out: Buffer, at: number, colour: number, format: PixelFormat): number {
  let value = 0;
  for (const [index, channel] of [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255].entries()) {
    value |= Math.round((channel * (format.max[index] ?? 255)) / 255) << (format.shift[index] ?? 0);
  }
  const unsigned = value >>> 0;
  if (format.bytes === 1) return out.writeUInt8(unsigned & 0xff, at);
  if (format.bytes === 2) return format.bigEndian ? out.writeUInt16BE(unsigned & 0xffff, at) : out.writeUInt16LE(unsigned & 0xffff, at);
  return format.bigEndian ? out.writeUInt32BE(unsigned, at) : out.writeUInt32LE(unsigned, at);
}

function hull(left: Rectangle, right: Rectangle): Rectangle {
  const x = Math.min(left.x, right.x);
  const y = Math.min(left.y, right.y);
  return {
    x,
    y,
    width: Math.max(left.x + left.width, right.x + right.width) - x,
    height: Math.max(left.y + left.height, right.y + right.height) - y,
  };
}
