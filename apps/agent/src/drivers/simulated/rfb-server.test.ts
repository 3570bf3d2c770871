import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SimulatedConsole } from "./simulated-console";

let machine: SimulatedConsole;
let stream: Duplex;
let received: Buffer;

beforeEach(() => {
  machine = new SimulatedConsole("web-1");
  stream = machine.openVnc();
  received = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
  });
});
afterEach(() => machine.close());

/** The next `length` bytes the server sends. */
async function read(length: number): Promise<Buffer> {
  for (let turn = 0; received.length < length && turn < 10_000; turn++) await new Promise((resolve) => setImmediate(resolve));
  const bytes = received.subarray(0, length);
  received = received.subarray(length);
  return bytes;
}

/** As a viewer does (RFC 6143, 7.1 to 7.3). @returns the screen's size. */
async function handshake(): Promise<{ width: number; height: number; name: string }> {
  expect((await read(12)).toString()).toBe("RFB 003.008\n");
  stream.write("RFB 003.008\n");
  expect([...(await read(2))]).toEqual([1, 1]);
  stream.write(Buffer.from([1]));
  expect((await read(4)).readUInt32BE(0)).toBe(0);
  stream.write(Buffer.from([1]));
  const init = await read(24);
  const name = (await read(init.readUInt32BE(20))).toString();
  return { width: init.readUInt16BE(0), height: init.readUInt16BE(2), name };
}

function request(incremental: boolean, width: number, height: number): Buffer {
  const bytes = Buffer.from([3, incremental ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeUInt16BE(width, 6);
  bytes.writeUInt16BE(height, 8);
  return bytes;
}

async function update(bytesPerPixel: number): Promise<{ area: number[]; pixels: Buffer }> {
  const head = await read(16);
  const area = [4, 6, 8, 10].map((at) => head.readUInt16BE(at));
  return { area, pixels: await read((area[2] ?? 0) * (area[3] ?? 0) * bytesPerPixel) };
}

const typed = (keysym: number): Buffer => {
  const bytes = Buffer.from([4, 1, 0, 0, 0, 0, 0, 0]);
  bytes.writeUInt32BE(keysym, 4);
  return bytes;
};

describe("the simulated screen", () => {
  it("greets a viewer by a name that says it is simulated, and draws something", async () => {
    const { width, height, name } = await handshake();
    expect(name).toBe("SIMULATED web-1");
    stream.write(request(false, width, height));
    const { area, pixels } = await update(4);
    expect(area).toEqual([0, 0, width, height]);
    const colours = new Set<number>();
    for (let at = 0; at < pixels.length; at += 4) colours.add(pixels.readUInt32LE(at));
    expect(colours.size).toBeGreaterThan(3);
  });

  it("answers an incremental request only when something has changed, with what has", async () => {
    const { width, height } = await handshake();
    stream.write(request(false, width, height));
    await update(4);
    stream.write(request(true, width, height));
    stream.write(typed("x".charCodeAt(0)));
    const { area } = await update(4);
    expect(area[3]).toBeLessThan(height / 4);
  });

  it("sends pixels as the viewer wants them: 16 bits, big-endian", async () => {
    const { width, height } = await handshake();
    stream.write(Buffer.from([0, 0, 0, 0, 16, 16, 1, 1, 0, 31, 0, 63, 0, 31, 11, 5, 0, 0, 0, 0]));
    stream.write(request(false, width, height));
    const { pixels } = await update(2);
    // The bar on top, 0xd9a441.
    expect(pixels.readUInt16BE(0)).toBe(
      (Math.round((0xd9 * 31) / 255) << 11) | (Math.round((0xa4 * 63) / 255) << 5) | Math.round((0x41 * 31) / 255),
    );
  });

  it.each([
    ["another protocol", [Buffer.from("GET / HTTP/1.1\r\n\r\n")]],
    ["an unknown message", [Buffer.from("RFB 003.008\n"), Buffer.from([1]), Buffer.from([1]), Buffer.from([99])]],
    [
      "a pasted text without end",
      [Buffer.from("RFB 003.008\n"), Buffer.from([1]), Buffer.from([1]), Buffer.from([6, 0, 0, 0, 255, 255, 255, 255])],
    ],
  ])("hangs up on %s", async (_name, messages) => {
    const closed = new Promise<void>((resolve) => stream.on("close", () => resolve()));
    for (const message of messages) stream.write(message);
    await closed;
  });

  it("echoes on the serial line and keeps a log", async () => {
    const serial = machine.openSerial();
    let text = "";
    serial.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    serial.write("hello\r");
    for (let turn = 0; turn < 1_000 && !text.includes("hello"); turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(text).toContain("SIMULATED web-1");
    expect(text).toContain("hello\r\nweb-1 (simulated)# ");
    expect(machine.serialTail(100).text).toContain("hello");
  });
});
