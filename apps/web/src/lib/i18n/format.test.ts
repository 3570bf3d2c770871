import { describe, expect, test } from "vitest";
import { testFormat } from "./testing";

const GIB = 1024 ** 3;
const english = testFormat("en");
const german = testFormat("de");

describe("bytes", () => {
  test("use the largest unit that keeps the number at or above one", () => {
    expect([0, 1023, 1024, 14 * 1024 ** 2, 1.5 * GIB, 2 * GIB].map(english.bytes)).toEqual([
      "0 B",
      "1023 B",
      "1 KiB",
      "14 MiB",
      "1.5 GiB",
      "2 GiB",
    ]);
    expect(german.bytes(1.5 * GIB)).toBe("1,5 GiB");
  });
  test("never read 1024 of a unit", () => {
    expect(english.bytes(1024 * 1024 - 1)).toBe("1 MiB");
  });
  test("of a whole share the whole's unit", () => {
    expect(english.bytesOf(3.1 * GIB, 16 * GIB)).toBe("3.1 of 16 GiB");
    expect(english.bytesOf(200 * 1024 ** 2, 2 * GIB)).toBe("0.2 of 2 GiB");
    expect(german.bytesOf(3.1 * GIB, 16 * GIB)).toBe("3,1 von 16 GiB");
  });
});

test("a little is never written as nothing", () => {
  expect([0, 0.004, 0.126].map(english.percent)).toEqual(["0 %", "< 1 %", "13 %"]);
});

test("how often something happens is told to a tenth where it is seldom", () => {
  expect([0, 2.54, 9.97, 1_204].map(english.frequency)).toEqual(["0/s", "2.5/s", "10/s", "1,204/s"]);
  expect(german.frequency(2.5)).toBe("2,5/s");
});

test("seconds of a timeline", () => {
  expect([0.42, 59.94, 65, 7_380].map(english.seconds)).toEqual(["0.4 s", "59.9 s", "1 min 05 s", "2 h 03 min"]);
  expect(german.seconds(12.3)).toBe("12,3 s");
});

test("uptime", () => {
  expect([45_000, 3 * 3_600_000 + 12 * 60_000, 86_400_000].map(english.uptime)).toEqual(["45 s", "3 h 12 min", "1 day"]);
  expect(german.uptime(2 * 86_400_000)).toBe("2 Tage");
});

test("counts agree with their nouns and are grouped as the language does", () => {
  expect(english.shape(1, GIB)).toBe("1 vCPU · 1 GiB");
  expect(english.count(12_345)).toBe("12,345");
  expect(german.count(12_345)).toBe("12.345");
});

test("progress says the whole only where it is known", () => {
  expect(english.progress(null)).toBe("");
  expect(english.progress({ done: 2, total: null, unit: "steps" })).toBe("step 2");
  expect(german.progress({ done: 2, total: 5, unit: "steps" })).toBe("Schritt 2 von 5");
  expect(english.progress({ done: GIB, total: 4 * GIB, unit: "bytes" })).toBe("1 of 4 GiB");
});

test("times are told from now", () => {
  expect(english.relative(0, 3_000)).toBe("just now");
  expect(english.relative(0, 180_000)).toBe("3 minutes ago");
  expect(german.relative(7_200_000, 0)).toBe("in 2 Stunden");
});
