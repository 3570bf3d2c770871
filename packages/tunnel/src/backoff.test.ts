import { describe, expect, it } from "vitest";
import { Backoff } from "./backoff";
import { closeReason } from "./close-reason";
import { NonceCache } from "./nonce-cache";

describe("backoff", () => {
  it("doubles its ceiling up to the cap and starts again after a success", () => {
    const backoff = new Backoff({ baseMs: 1_000, capMs: 5_000, random: () => 0.5 });
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([500, 1_000, 2_000, 2_500, 2_500]);
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });

  it("spreads over the whole range", () => {
    const draws = [0, 0.25, 0.999];
    const backoff = new Backoff({ baseMs: 1_000, capMs: 1_000, random: () => draws.shift() ?? 0 });
    expect([backoff.next(), backoff.next(), backoff.next()]).toEqual([0, 250, 999]);
  });
});

describe("a nonce cache", () => {
  it("refuses a second use until expiry and forgets nothing early when full", () => {
    const cache = new NonceCache(2);
    expect(cache.take("a", 100, 0)).toBe("fresh");
    expect(cache.take("a", 100, 99)).toBe("seen");
    expect(cache.take("b", 150, 99)).toBe("fresh");
    expect(cache.take("c", 150, 99)).toBe("full");
    expect(cache.take("c", 250, 100)).toBe("fresh");
    expect(cache.take("a", 250, 160)).toBe("fresh");
    expect(cache.size).toBeLessThanOrEqual(2);
  });
});

describe("a close reason", () => {
  it("fits a close frame and cuts no character in two", () => {
    expect(closeReason("short")).toBe("short");
    const cut = closeReason("ü".repeat(200));
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(123);
    expect(cut).toMatch(/^ü+…$/);
  });
});
