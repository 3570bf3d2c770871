import { expect, test } from "vitest";
import { FUNCTION_KEYS, NAMED_KEYS } from "./special-keys";
import { sequenceOf, withModifiers } from "./terminal-sequences";

test("keys that a phone lacks are sent as a terminal sends them", () => {
  expect([NAMED_KEYS.escape, NAMED_KEYS.tab, NAMED_KEYS.up, NAMED_KEYS.delete].map(({ code }) => sequenceOf(code))).toEqual([
    "\u001b",
    "\t",
    "\u001b[A",
    "\u001b[3~",
  ]);
  expect(FUNCTION_KEYS.map(({ code }) => sequenceOf(code)).every((sequence) => sequence.startsWith("\u001b"))).toBe(true);
  expect(new Set(FUNCTION_KEYS.map(({ code }) => sequenceOf(code))).size).toBe(12);
  expect(sequenceOf("PrintScreen")).toBe("");
});

test("Ctrl and Alt are held for what is typed next", () => {
  expect(withModifiers("c", new Set(["ctrl"]))).toBe("\u0003");
  expect(withModifiers("[", new Set(["ctrl"]))).toBe("\u001b");
  expect(withModifiers("x", new Set(["alt"]))).toBe("\u001bx");
  expect(withModifiers("d", new Set(["ctrl", "alt"]))).toBe("\u001b\u0004");
  expect(withModifiers("words", new Set(["ctrl"]))).toBe("words");
});
