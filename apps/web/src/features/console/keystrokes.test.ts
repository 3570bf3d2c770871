import { expect, test } from "vitest";
import { keystrokes } from "./keystrokes";

const typed = (text: string) => keystrokes(text).keys.map((key) => `${key.shift ? "Shift+" : ""}${key.code}`);

test("letters, digits and signs become the keys of a US keyboard", () => {
  expect(typed("aB1")).toEqual(["KeyA", "Shift+KeyB", "Digit1"]);
  expect(typed("~$ -_")).toEqual(["Shift+Backquote", "Shift+Digit4", "Space", "Minus", "Shift+Minus"]);
});

test("every printable ASCII character can be typed", () => {
  const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("");
  expect(keystrokes(ascii)).toMatchObject({ untypable: [] });
  expect(keystrokes(ascii).keys).toHaveLength(95);
});

test("line ends of all kinds are one Enter", () => {
  expect(typed("a\r\nb\rc\n")).toEqual(["KeyA", "Enter", "KeyB", "Enter", "KeyC", "Enter"]);
});

test("what such a keyboard has not is told, once each", () => {
  expect(keystrokes("naïve ï €").untypable).toEqual(["ï", "€"]);
});
