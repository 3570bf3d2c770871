import { expect, it } from "vitest";
import { encodeFrames, FrameReader, isWireGuard, isWireGuardData, MAX_DATAGRAM_BYTES } from "./carrier-frames";

const message = (type: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length, 0xab);
  bytes.writeUInt32LE(type, 0);
  return bytes;
};
const read = (chunks: readonly Buffer[]) => {
  const datagrams: Buffer[] = [];
  const acknowledged: number[] = [];
  const reader = new FrameReader({
    datagram: (bytes) => void datagrams.push(Buffer.from(bytes)),
    acknowledged: (total) => void acknowledged.push(total),
  });
  const fine = chunks.every((chunk) => reader.push(chunk));
  return { datagrams, acknowledged, fine };
};

const DATAGRAMS = [message(1, 148), message(2, 92), message(3, 64), message(4, 32), message(4, 1_312)];

it("gives back what was put in, however the stream is cut", () => {
  const bytes = encodeFrames(DATAGRAMS, 2 ** 32 + 7);
  for (const size of [1, 2, 3, 7, 100, bytes.length]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
    expect(read(chunks)).toEqual({ datagrams: DATAGRAMS, acknowledged: [7], fine: true });
  }
});

it("takes nothing that is no message of WireGuard's, and says so", () => {
  for (const garbage of [
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    Buffer.from([0, 0]),
    Buffer.from([0, 5, 1, 2, 3, 4, 5]),
    Buffer.from([0xff, 0xff]),
    encodeFrames([message(5, 64)], null),
    encodeFrames([message(1, 147)], null),
    encodeFrames([message(4 + 256, 64)], null),
  ])
    expect(read([encodeFrames([DATAGRAMS[0] as Buffer], null), garbage])).toEqual({
      ...{ datagrams: [DATAGRAMS[0]], acknowledged: [] },
      fine: false,
    });
});

it("knows WireGuard's messages by type and length, and which of them want an answer", () => {
  for (const datagram of DATAGRAMS) expect(isWireGuard(datagram)).toBe(true);
  expect(isWireGuard(message(4, MAX_DATAGRAM_BYTES + 1))).toBe(false);
  expect(isWireGuard(Buffer.alloc(0))).toBe(false);
  expect(DATAGRAMS.map(isWireGuardData)).toEqual([false, false, false, false, true]);
});
