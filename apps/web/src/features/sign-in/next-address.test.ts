import { expect, it } from "vitest";
import { nextAddress } from "./next-address";

it("goes on to our own pages only", () => {
  expect(nextAddress("/invite/abc")).toBe("/invite/abc");
  expect(nextAddress("/o/org-1?x=1#y")).toBe("/o/org-1?x=1#y");
  for (const foreign of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "evil",
    "/a\\b",
    "/a\nb",
    "",
    null,
  ])
    expect(nextAddress(foreign), String(foreign)).toBe("/");
});
