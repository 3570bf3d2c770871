import { expect, it } from "vitest";
import { CarrierPace } from "./carrier-pace";

it("takes what is acknowledged in time, and as much as the way holds", () => {
  const pace = new CarrierPace();
  let acknowledged = 0;
  for (let now = 0; now < 10_000; now += 10) {
    expect(pace.admits(100_000, now)).toBe(true);
    pace.sent(100_000, now);
    // 50 ms there and back.
    if (now < 50) continue;
    acknowledged += 100_000;
    expect(pace.acknowledged(acknowledged, now)).toBe(true);
  }
  expect(pace.wayMs).toBe(50);
  expect(pace.outstandingBytes).toBe(500_000);
});

it("takes nothing more once the oldest waits longer than the way takes and a fifth of a second", () => {
  const pace = new CarrierPace();
  pace.sent(1_000, 0);
  pace.acknowledged(1_000, 30);
  pace.sent(1_000, 1_000);
  expect(pace.admits(1, 1_229)).toBe(true);
  pace.sent(1_000, 1_229);
  expect(pace.admits(1, 1_231)).toBe(false);
  // The second is younger: what is behind it is not stale yet.
  pace.acknowledged(2_000, 1_240);
  expect(pace.admits(1, 1_240)).toBe(true);
});

it("waits a second for the first word, and holds four megabytes at most", () => {
  const pace = new CarrierPace();
  pace.sent(4_000_000, 0);
  expect(pace.admits(100_000, 1_000)).toBe(true);
  expect(pace.admits(200_000, 1_000)).toBe(false);
  expect(pace.admits(100_000, 1_201)).toBe(false);
});

it("forgets how short the way once was", () => {
  const pace = new CarrierPace();
  let total = 0;
  const trip = (at: number, ms: number) => {
    pace.sent(10, at);
    total += 10;
    pace.acknowledged(total, at + ms);
  };
  trip(0, 5);
  trip(70_000, 300);
  trip(140_000, 300);
  expect(pace.wayMs).toBe(300);
});

it("believes no acknowledgement of what was not sent, and counts beyond 2^32", () => {
  const pace = new CarrierPace();
  pace.sent(100, 0);
  expect(pace.acknowledged(101, 1)).toBe(false);
  expect(pace.acknowledged(60, 1)).toBe(true);
  expect(pace.acknowledged(50, 1)).toBe(false);
  let total = 100;
  for (; total < 2 ** 32 + 10; total += 4_000_000) {
    pace.sent(4_000_000, 2);
    expect(pace.acknowledged((total + 4_000_000) % 2 ** 32, 3)).toBe(true);
  }
  expect(pace.outstandingBytes).toBe(0);
});
