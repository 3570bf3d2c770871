import { describe, expect, it } from "vitest";
import { exportQuery, readAuditFilter } from "./use-audit-filter";

const ORGANIZATION = "org-0123456789abcdef0";
const read = (query: string) => readAuditFilter(ORGANIZATION, new URLSearchParams(query));

describe("the audit filter in the address", () => {
  it("takes whole days, the last one too", () => {
    const { from, until } = read("from=2026-11-20&until=2026-11-21");
    expect([from?.getDate(), from?.getHours(), until?.getDate()]).toEqual([20, 0, 22]);
  });
  it("takes what cannot be used for no filter", () => {
    expect(read("actor=me&action=nothing.known&from=yesterday&before=x")).toEqual({
      organizationId: ORGANIZATION,
      actor: null,
      action: null,
      target: null,
      from: null,
      until: null,
      cursor: null,
    });
  });
  it("gives the file the same filter, without the page", () => {
    const query = new URLSearchParams(exportQuery(read("actor=system&action=host.cordon&from=2026-11-20&before=77"), "json"));
    expect([...query.keys()]).toEqual(["format", "actor", "action", "from"]);
    expect(query.get("actor")).toBe("system");
  });
});
