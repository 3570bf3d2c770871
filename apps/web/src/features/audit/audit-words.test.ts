import { AuditAction } from "@indium/contract/audit";
import { describe, expect, it } from "vitest";
import { auditWords, detailWords } from "./audit-words";

describe("the audit log's words", () => {
  it("are there for every action, and each says something else", () => {
    const words = AuditAction.options.map(auditWords);
    expect(new Set(words).size).toBe(words.length);
    expect(words.filter((word) => word.includes("."))).toEqual([]);
    expect(auditWords("thing.ofTomorrow")).toBe("thing.ofTomorrow");
  });

  it("say what changed, and leave out what says nothing", () => {
    expect(detailWords({ vcpus: { from: 1, to: 4 }, reason: "", name: null, tags: { a: "b" } })).toBe('vcpus: 1 → 4; tags: {"a":"b"}');
  });
});
