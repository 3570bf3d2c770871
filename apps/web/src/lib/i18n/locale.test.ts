import { describe, expect, it } from "vitest";
import { pickLocale } from "./locale";

describe("the language of a page", () => {
  it("is the one that was chosen, whatever the browser prefers", () => {
    expect(pickLocale("de", "en-GB,en;q=0.9")).toBe("de");
    expect(pickLocale("en", "de")).toBe("en");
  });

  it("is the browser's first one that there is", () => {
    expect(pickLocale(undefined, "fr-CH, fr;q=0.9, de;q=0.7, en;q=0.8, *;q=0.5")).toBe("en");
    expect(pickLocale(undefined, "de-AT,de;q=0.9,en;q=0.8")).toBe("de");
    expect(pickLocale(undefined, "en;q=0, de;q=0.1")).toBe("de");
  });

  it("is English where neither says anything that can be used", () => {
    for (const header of [null, "", "fr", ";;;,,,q=9", "de;q=0", `${"x".repeat(10_000)},de`])
      expect(pickLocale("klingon", header)).toBe("en");
  });
});
