import { describe, expect, test } from "vitest";
import {
  formatBytes,
  formatBytesOf,
  formatPercent,
  formatProgress,
  formatSeconds,
  formatShape,
  formatUptime,
  plural,
  progressFraction,
} from "./format";

const GIB = 1024 ** 3;

describe("bytes", () => {
  test("use the largest unit that keeps the number at or above one", () => {
    expect(formatBytes(0)).toBe("0 B");
    expect(formatBytes(1023)).toBe("1023 B");
    expect(formatBytes(1024)).toBe("1 KiB");
    expect(formatBytes(14 * 1024 ** 2)).toBe("14 MiB");
    expect(formatBytes(1.5 * GIB)).toBe("1.5 GiB");
    expect(formatBytes(2 * GIB)).toBe("2 GiB");
  });
  test("never read 1024 of a unit", () => {
    expect(formatBytes(1024 * 1024 - 1)).toBe("1 MiB");
  });
  test("of a whole share the whole's unit", () => {
    expect(formatBytesOf(3.1 * GIB, 16 * GIB)).toBe("3.1 of 16 GiB");
    expect(formatBytesOf(200 * 1024 ** 2, 2 * GIB)).toBe("0.2 of 2 GiB");
  });
});

test("a little is never written as nothing", () => {
  expect(formatPercent(0)).toBe("0 %");
  expect(formatPercent(0.004)).toBe("< 1 %");
  expect(formatPercent(0.126)).toBe("13 %");
});

test("seconds of a timeline", () => {
  expect(formatSeconds(0.42)).toBe("0.4 s");
  expect(formatSeconds(59.94)).toBe("59.9 s");
  expect(formatSeconds(65)).toBe("1 min 05 s");
  expect(formatSeconds(7_380)).toBe("2 h 03 min");
});

test("uptime", () => {
  expect(formatUptime(45_000)).toBe("45 s");
  expect(formatUptime(3 * 3_600_000 + 12 * 60_000)).toBe("3 h 12 min");
  expect(formatUptime(86_400_000)).toBe("1 day");
});

test("counts agree with their nouns", () => {
  expect(plural(1, "host")).toBe("1 host");
  expect(plural(0, "host")).toBe("0 hosts");
  expect(plural(2, "entry", "entries")).toBe("2 entries");
  expect(formatShape(1, GIB)).toBe("1 vCPU · 1 GiB");
});

test("progress is a fraction only when the whole is known", () => {
  expect(progressFraction(null)).toBeNull();
  expect(progressFraction({ done: 5, total: null })).toBeNull();
  expect(progressFraction({ done: 5, total: 10 })).toBe(0.5);
  expect(progressFraction({ done: 11, total: 10 })).toBe(1);
  expect(formatProgress({ done: 3, total: 7, unit: "steps" })).toBe("step 3 of 7");
  expect(formatProgress({ done: GIB, total: 2 * GIB, unit: "bytes" })).toBe("1 of 2 GiB");
});
