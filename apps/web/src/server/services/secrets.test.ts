import { describe, expect, it } from "vitest";
import { decryptSecret, encryptSecret, isOutdated, newSecretKey, parseKeyring } from "./secrets";

describe("secrets", () => {
  const oldKey = newSecretKey();
  const ring = parseKeyring(oldKey);
  it("come back as they were, never in the clear", () => {
    const text = encryptSecret(ring, "pässword", "i-1");
    expect(text).not.toContain("pässword");
    expect(decryptSecret(ring, text, "i-1")).toBe("pässword");
    expect(encryptSecret(ring, "pässword", "i-1")).not.toBe(text);
  });
  it("do not open for another record, or changed by a bit", () => {
    const text = encryptSecret(ring, "x", "i-1");
    expect(() => decryptSecret(ring, text, "i-2")).toThrow(/changed or belongs elsewhere/);
    const flipped = text.slice(0, -2) + (text.at(-2) === "A" ? "B" : "A") + text.slice(-1);
    expect(() => decryptSecret(ring, flipped, "i-1")).toThrow();
  });
  it("open after the key was rotated, and say that they are outdated", () => {
    const text = encryptSecret(ring, "x", "i-1");
    const rotated = parseKeyring(`${newSecretKey()}\n${oldKey}\n`);
    expect(decryptSecret(rotated, text, "i-1")).toBe("x");
    expect(isOutdated(rotated, text)).toBe(true);
    expect(isOutdated(rotated, encryptSecret(rotated, "x", "i-1"))).toBe(false);
    expect(() => decryptSecret(parseKeyring(newSecretKey()), text, "i-1")).toThrow(/its key is missing/);
  });
  it("refuse a key that is none", () => {
    expect(() => parseKeyring("short")).toThrow(/32 bytes/);
    expect(() => parseKeyring(" ")).toThrow(/empty/);
  });
});
