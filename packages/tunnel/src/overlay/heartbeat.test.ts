import { expect, it } from "vitest";
import { decodeHeartbeat, encodeHeartbeat, HEARTBEAT_BYTES, roundTripOf } from "./heartbeat";

it("says the same after the wire", () => {
  const heartbeat = { kind: "ask", stampMs: 123_456.789, echoMs: 0.001, heldMs: 4_999.5 } as const;
  expect(decodeHeartbeat(encodeHeartbeat(heartbeat))).toEqual(heartbeat);
});

it("takes nothing else", () => {
  const good = encodeHeartbeat({ kind: "answer", stampMs: 1, echoMs: 1, heldMs: 0 });
  expect(decodeHeartbeat(good.subarray(0, HEARTBEAT_BYTES - 1))).toBeNull();
  expect(decodeHeartbeat(Buffer.concat([good, Buffer.alloc(1)]))).toBeNull();
  for (const [at, byte] of [
    [0, 2],
    [1, 0],
    [1, 3],
    [2, 255],
  ] as const) {
    const bad = Buffer.from(good);
    bad.writeUInt8(byte, at);
    expect(decodeHeartbeat(bad)).toBeNull();
  }
});

it("measures by what was echoed, less the time it was held", () => {
  expect(roundTripOf({ kind: "answer", stampMs: 9, echoMs: 1_000, heldMs: 0 }, 1_000.4)).toBeCloseTo(0.4);
  expect(roundTripOf({ kind: "ask", stampMs: 9, echoMs: 1_000, heldMs: 5_000 }, 6_020)).toBe(20);
  expect(roundTripOf({ kind: "ask", stampMs: 9, echoMs: 0, heldMs: 0 }, 6_020)).toBeNull();
  expect(roundTripOf({ kind: "ask", stampMs: 9, echoMs: 9_000, heldMs: 0 }, 6_020)).toBeNull();
});
