import { duplexPair } from "node:stream";
import { afterEach, expect, it, vi } from "vitest";
import { Carrier } from "./carrier";
import { encodeFrames } from "./carrier-frames";

const data = (length: number, fill = 0): Buffer => {
  const bytes = Buffer.alloc(length, fill);
  bytes.writeUInt32LE(4, 0);
  return bytes;
};
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const open: Carrier[] = [];
function carrier(stream: ConstructorParameters<typeof Carrier>[0]["stream"]) {
  const got: Buffer[] = [];
  const ends: [string, boolean][] = [];
  const made = new Carrier({
    stream,
    toWireGuard: (datagram) => void got.push(Buffer.from(datagram)),
    onEnd: (reason, garbage) => void ends.push([reason, garbage]),
  });
  open.push(made);
  return { carrier: made, got, ends };
}

afterEach(() => {
  vi.useRealTimers();
  for (const each of open.splice(0)) each.close();
});

it("carries datagrams both ways, whole and in order", async () => {
  const [left, right] = duplexPair();
  const [one, other] = [carrier(left), carrier(right)];
  const sent = Array.from({ length: 200 }, (_, at) => data(100 + at, at % 256));
  for (const datagram of sent) one.carrier.fromWireGuard(datagram);
  other.carrier.fromWireGuard(data(64, 9));
  await turns(20);
  expect(other.got).toEqual(sent);
  expect(one.got).toEqual([data(64, 9)]);
  expect(one.carrier.counts).toEqual({ sent: 200, dropped: 0, received: 1 });
});

it("drops what a stream that nobody reads does not take, and holds a quarter of a megabyte", async () => {
  const [left] = duplexPair();
  const { carrier: one } = carrier(left);
  for (let round = 0; round < 50; round += 1) {
    for (let at = 0; at < 100; at += 1) one.fromWireGuard(data(1_312));
    await turns(1);
    expect(left.writableLength).toBeLessThanOrEqual(262_144);
  }
  expect(one.counts.dropped).toBeGreaterThan(4_000);
});

it("does not pile up acknowledgements for one who sends and never reads", async () => {
  const [left, right] = duplexPair();
  const { got } = carrier(left);
  // Read by nobody: what is written to it stays.
  right.pause();
  for (let at = 0; at < 2_000; at += 1) {
    right.write(encodeFrames([data(64)], null));
    await turns(1);
  }
  expect(got.length).toBe(2_000);
  expect(left.writableLength).toBeLessThan(100);
});

it("ends with the first bytes that are no frames, and hands on nothing behind them", async () => {
  const [left, right] = duplexPair();
  const { got, ends } = carrier(left);
  right.on("error", () => {});
  right.write(Buffer.concat([encodeFrames([data(64)], null), Buffer.from("garbage"), encodeFrames([data(64)], null)]));
  await turns(5);
  expect(got.length).toBe(1);
  expect(ends).toEqual([["what came were no frames", true]]);
  expect(left.destroyed).toBe(true);
});

it("ends with an acknowledgement of what was never sent", async () => {
  const [left, right] = duplexPair();
  const { ends } = carrier(left);
  right.on("error", () => {});
  right.write(encodeFrames([], 5));
  await turns(5);
  expect(ends).toEqual([["it acknowledged what was not sent", true]]);
});

it("ends once, when the other side has gone or says nothing for three quarters of a minute", async () => {
  const [left, right] = duplexPair();
  const gone = carrier(left);
  right.end();
  right.resume();
  await turns(5);
  expect(gone.ends).toEqual([["the other side ended it", false]]);

  vi.useFakeTimers({ toFake: ["setInterval", "performance"] });
  const [still] = duplexPair();
  const silent = carrier(still);
  vi.advanceTimersByTime(45_000);
  expect(silent.ends).toEqual([]);
  vi.advanceTimersByTime(5_000);
  expect(silent.ends).toEqual([["nothing came for 45 s", false]]);
});
