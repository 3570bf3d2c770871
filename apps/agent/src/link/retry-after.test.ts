import { describe, expect, it } from "vitest";
import { retryAfterMs } from "./retry-after";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);

describe("Retry-After", () => {
  it.each([
    ["10", 10_000],
    [" 0 ", 0],
    ["Sun, 22 Nov 2026 12:00:30 GMT", 30_000],
    ["Sun, 22 Nov 2026 11:00:00 GMT", 0],
    ["999999999", 600_000],
    ["Sun, 22 Nov 2093 12:00:00 GMT", 600_000],
  ])("is read: %s", (value, ms) => {
    expect(retryAfterMs(value, NOW)).toBe(ms);
  });

  it.each([undefined, "", "soon", "-5", "1e9", "99999999999999999999"])("is none: %s", (value) => {
    expect(retryAfterMs(value, NOW)).toBeNull();
  });
});
