import { expect, test } from "vitest";
import { progressFraction, shortHash } from "./format";

test("progress is a fraction only when the whole is known", () => {
  expect(progressFraction(null)).toBeNull();
  expect(progressFraction({ done: 5, total: null })).toBeNull();
  expect(progressFraction({ done: 5, total: 10 })).toBe(0.5);
  expect(progressFraction({ done: 11, total: 10 })).toBe(1);
});

test("a long hash is cut, a short one is not", () => {
  expect(shortHash("0123456789abcdef")).toBe("0123456789abcdef");
  expect(shortHash("0123456789abcdef0")).toBe("0123456789ab…");
});
