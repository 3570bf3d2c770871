import { expect, it } from "vitest";
import { parseTagLines, tagLines } from "./tag-lines";

it("reads what it writes", () => {
  const tags = { tier: "web", critical: "", url: "http://example.org:80/" };
  expect(tagLines(tags)).toBe("tier: web\ncritical\nurl: http://example.org:80/");
  expect(parseTagLines(tagLines(tags))).toEqual(tags);
  expect(parseTagLines("")).toEqual({});
});

it("takes what people type", () => {
  expect(parseTagLines("  tier :web \r\n\n\ncritical\ntier: db")).toEqual({ tier: "db", critical: "" });
});
