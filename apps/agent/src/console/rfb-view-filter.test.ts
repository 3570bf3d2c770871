import { describe, expect, it } from "vitest";
import { RfbViewFilter, RfbViolation } from "./rfb-view-filter";

const hello = Buffer.concat([Buffer.from("RFB 003.008\n"), Buffer.from([1]), Buffer.from([1])]);
const pixelFormat = Buffer.concat([Buffer.from([0, 0, 0, 0]), Buffer.alloc(16, 7)]);
const updateRequest = Buffer.from([3, 1, 0, 0, 0, 0, 4, 0, 3, 0]);
const continuous = Buffer.from([150, 1, 0, 0, 0, 0, 4, 0, 3, 0]);
const fence = Buffer.concat([Buffer.from([248, 0, 0, 0, 128, 0, 0, 1, 3]), Buffer.from("abc")]);
const key = Buffer.from([4, 1, 0, 0, 0, 0, 0xff, 0x0d]);
const pointer = Buffer.from([5, 1, 0, 10, 0, 10]);
const qemuKey = Buffer.from([255, 0, 0, 1, 0, 0, 0, 0x61, 0, 0, 0, 0x1e]);
const qemuAudioFormat = Buffer.from([255, 1, 0, 2, 1, 2, 0, 0, 0xac, 0x44]);
const resize = Buffer.concat([Buffer.from([251, 0, 4, 0, 3, 0, 1, 0]), Buffer.alloc(16)]);
const xvp = Buffer.from([250, 0, 1, 2]);
const cutText = (length: number, bytes = Math.abs(length)) => {
  const head = Buffer.alloc(8);
  head[0] = 6;
  head.writeInt32BE(length, 4);
  return Buffer.concat([head, Buffer.alloc(bytes, 4)]);
};
const setEncodings = (...encodings: number[]) => {
  const message = Buffer.alloc(4 + 4 * encodings.length);
  message[0] = 2;
  message.writeUInt16BE(encodings.length, 2);
  for (const [index, encoding] of encodings.entries()) message.writeInt32BE(encoding, 4 + 4 * index);
  return message;
};

describe("the view-only filter", () => {
  const said = [hello, pixelFormat, setEncodings(0, 7, -258, -316), key, updateRequest, qemuKey, fence, cutText(5), pointer, continuous];
  const dropped = [qemuAudioFormat, resize, xvp, cutText(-9), key];
  const stream = Buffer.concat([...said, ...dropped, updateRequest]);
  const extendedClipboard = -1_063_131_698;
  const looks = setEncodings(extendedClipboard, 0, 7, -258);
  const expected = Buffer.concat([hello, pixelFormat, looks, updateRequest, fence, continuous, updateRequest]);

  it("passes what pictures need and drops keys, pointer, clipboard, resizing, power and QEMU's own", () => {
    expect(new RfbViewFilter().push(stream)).toEqual(expected);
  });

  it("does the same however the bytes are cut", () => {
    for (const size of [1, 2, 3, 5, 7, 11, 64]) {
      const filter = new RfbViewFilter();
      const out: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) out.push(filter.push(stream.subarray(at, at + size)));
      expect(Buffer.concat(out)).toEqual(expected);
    }
  });

  it("makes an exclusive viewer a shared one", () => {
    const exclusive = Buffer.concat([Buffer.from("RFB 003.008\n"), Buffer.from([1, 0])]);
    expect(new RfbViewFilter().push(exclusive).at(-1)).toBe(1);
  });

  it("skips a huge clipboard without holding it, and finds the next message", () => {
    const filter = new RfbViewFilter();
    filter.push(hello);
    expect(filter.push(cutText(2_000_000, 0)).length).toBe(0);
    for (let sent = 0; sent < 2_000_000; sent += 100_000) expect(filter.push(Buffer.alloc(100_000, 4)).length).toBe(0);
    expect(filter.push(updateRequest)).toEqual(updateRequest);
  });

  it("ends the stream for what it does not know", () => {
    const opened = () => {
      const filter = new RfbViewFilter();
      filter.push(hello);
      return filter;
    };
    expect(() => opened().push(Buffer.from([253, 1, 2, 3]))).toThrow(RfbViolation);
    expect(() => opened().push(Buffer.from([255, 9, 0, 0]))).toThrow(RfbViolation);
    expect(() => opened().push(Buffer.from([2, 0, 0xff, 0xff]))).toThrow(RfbViolation);
    expect(() => new RfbViewFilter().push(Buffer.from("RFB 003.003\n"))).toThrow(RfbViolation);
    expect(() => new RfbViewFilter().push(Buffer.from("RFB 003.008\n\x02", "latin1"))).toThrow(RfbViolation);
  });

  it("never lets a key through, whatever garbage comes before it", () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    for (let round = 0; round < 300; round += 1) {
      const filter = new RfbViewFilter();
      filter.push(hello);
      try {
        const parts = Array.from(
          { length: 8 },
          () => [key, pointer, qemuKey, fence, cutText(Math.floor(random() * 40)), xvp][Math.floor(random() * 6)] ?? key,
        );
        const out = filter.push(Buffer.concat(parts));
        const fences = parts.filter((part) => part === fence).length;
        expect(out.length).toBe(fences * fence.length);
        filter.push(Buffer.from(Array.from({ length: 30 }, () => Math.floor(random() * 256))));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(RfbViolation);
      }
    }
  });
});
