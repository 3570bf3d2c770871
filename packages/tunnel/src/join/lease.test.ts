import { type Duplex, duplexPair } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { grantLease, holdLease } from "./lease";
import type { JoinedBytes } from "./wire";

beforeEach(() => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout", "performance"] }));
afterEach(() => vi.useRealTimers());
const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const pass = async (seconds: number) => {
  for (let second = 0; second < seconds; second += 1) {
    vi.advanceTimersByTime(1_000);
    await settle();
  }
};

function lease() {
  const [front, relay] = duplexPair() as [Duplex, Duplex];
  // As of a connection: what was sent before it closed has arrived.
  for (const [one, other] of [
    [front, relay],
    [relay, front],
  ] as const)
    one.once("close", () => setImmediate(() => other.destroy()));
  const now = { toViewer: 0, toHost: 0 };
  const seen: { lost: number; done: JoinedBytes[]; said: number } = { lost: 0, done: [], said: 0 };
  const hold = () =>
    holdLease(
      front,
      () => now,
      () => {
        seen.lost += 1;
      },
    );
  const grant = () => grantLease(relay, (bytes) => seen.done.push(bytes));
  return { front, relay, now, seen, hold, grant };
}

describe("a lease", () => {
  it("lives as long as both sides do, and ends with the last counts", async () => {
    const { seen, now, hold, grant } = lease();
    grant();
    const held = hold();
    await pass(60);
    expect(seen).toMatchObject({ lost: 0, done: [] });
    Object.assign(now, { toViewer: 10, toHost: 2 });
    held.end();
    await settle();
    expect(seen).toMatchObject({ lost: 0, done: [{ toViewer: 10, toHost: 2 }] });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is told at least each second what has passed, and of a front that dies the last that was told is known", async () => {
    const { seen, now, front, hold, grant } = lease();
    grant();
    hold();
    now.toViewer = 7;
    await pass(1);
    now.toViewer = 9;
    front.destroy();
    await settle();
    expect(seen.done).toEqual([{ toViewer: 7, toHost: 0 }]);
  });

  it("says little while nothing passes", async () => {
    const { relay, hold } = lease();
    let records = 0;
    relay.on("data", (chunk: Buffer) => {
      records += chunk.length / 16;
      relay.write(Buffer.of(6));
    });
    hold();
    await pass(60);
    expect(records).toBeLessThanOrEqual(12);
    expect(records).toBeGreaterThan(9);
  });

  it("that the relay closes ends the console", async () => {
    const { seen, relay, hold, grant } = lease();
    grant();
    hold();
    relay.destroy();
    await settle();
    expect(seen).toMatchObject({ lost: 1, done: [{ toViewer: 0, toHost: 0 }] });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("whose relay says nothing for 15 s, or nonsense, ends the console", async () => {
    for (const words of [null, Buffer.from("HTTP/1.1")]) {
      const { seen, relay, hold, front } = lease();
      hold();
      if (words === null) {
        await pass(14);
        expect(seen.lost).toBe(0);
        await pass(3);
      } else relay.write(words);
      await settle();
      expect([seen.lost, front.destroyed]).toEqual([1, true]);
    }
  });

  it("whose front says nothing for 15 s is taken back", async () => {
    const { seen, grant } = lease();
    grant();
    await pass(14);
    expect(seen.done).toEqual([]);
    await pass(3);
    expect(seen.done).toHaveLength(1);
  });

  it("holds nothing for a front that asks and does not read", async () => {
    const { front, relay, grant } = lease();
    grant();
    for (let count = 0; count < 30_000; count += 1) front.write(Buffer.alloc(16));
    await settle();
    expect(relay.writableLength).toBeLessThanOrEqual(1_024);
  });
});
