import { expect, test } from "vitest";
import { stripEscapes } from "./strip-escapes";

test("colours, cursor moves and titles go, the text stays", () => {
  expect(stripEscapes("\u001b[0;32m  OK  \u001b[0m Reached target\u001b[K\r\n")).toBe("  OK   Reached target\n");
  expect(stripEscapes("\u001b]0;debian@web-1\u0007debian@web-1:~$ ")).toBe("debian@web-1:~$ ");
  expect(stripEscapes("\u001bcTiny\ttab\u0000\u0008")).toBe("Tiny\ttab");
});
