import { AuditAction } from "@indium/contract/audit";
import { describe, expect, it } from "vitest";
import { LOCALES } from "@/lib/i18n/locale";
import { translatorFor } from "@/lib/i18n/testing";
import { auditWords, detailWords } from "./audit-words";

describe("the audit log's words", () => {
  it.each(LOCALES)("are there for every action, and each says something else (%s)", (locale) => {
    const t = translatorFor("audit", locale);
    const words = AuditAction.options.map((action) => auditWords(action, t));
    expect(new Set(words).size).toBe(words.length);
    expect(words.filter((word) => word.includes("."))).toEqual([]);
    expect(auditWords("thing.ofTomorrow", t)).toBe("thing.ofTomorrow");
  });

  it("say what changed, and leave out what says nothing", () => {
    expect(detailWords({ vcpus: { from: 1, to: 4 }, reason: "", name: null, tags: { a: "b" } })).toBe('vcpus: 1 → 4; tags: {"a":"b"}');
  });
});
