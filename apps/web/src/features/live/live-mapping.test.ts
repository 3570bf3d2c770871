import { describe, expect, test } from "vitest";
import { matchesKey, mergeStale, staleQueries } from "./live-mapping";

const key = (path: string[], input?: unknown) => [path, { ...(input === undefined ? {} : { input }), type: "query" }];
const hits = (change: Parameters<typeof staleQueries>[0], path: string[], input?: unknown) =>
  staleQueries(change).some((stale) => matchesKey(key(path, input), stale));

describe("a change of an instance", () => {
  const change = { kind: "changed", resource: "instance", id: "i-1", parentId: null } as const;
  test("makes its own page stale and not its neighbour's", () => {
    expect(hits(change, ["instance", "get"], { instanceId: "i-1" })).toBe(true);
    expect(hits(change, ["instance", "get"], { instanceId: "i-2" })).toBe(false);
  });
  test("makes every list of instances stale, whatever it was searched for", () => {
    expect(hits(change, ["instance", "list"], { organizationId: "org-1", search: "web" })).toBe(true);
  });
  test("makes the hosts' allocation stale", () => {
    expect(hits(change, ["host", "list"], { organizationId: "org-1" })).toBe(true);
  });
  test("leaves SSH keys alone", () => {
    expect(hits(change, ["sshKey", "list"], { organizationId: "org-1" })).toBe(false);
  });
});

test("a host's change reaches its instances, whose state depends on its lease", () => {
  const change = { kind: "changed", resource: "host", id: "h-1", parentId: null } as const;
  expect(hits(change, ["instance", "get"], { instanceId: "i-9" })).toBe(true);
});

test("an operation's change reaches the instance it belongs to, and only that one", () => {
  const change = { kind: "changed", resource: "operation", id: "op-1", parentId: "i-1" } as const;
  expect(hits(change, ["operation", "get"], { operationId: "op-1" })).toBe(true);
  expect(hits(change, ["instance", "get"], { instanceId: "i-1" })).toBe(true);
  expect(hits(change, ["instance", "get"], { instanceId: "i-2" })).toBe(false);
});

test("a hundred changes of one instance ask once", () => {
  const change = { kind: "changed", resource: "instance", id: "i-1", parentId: null } as const;
  const all = Array.from({ length: 100 }, () => staleQueries(change)).flat();
  expect(mergeStale(all)).toHaveLength(staleQueries(change).length);
});

test("asking for all of a kind swallows asking for one", () => {
  expect(mergeStale([{ path: ["host", "get"], input: { hostId: "h-1" } }, { path: ["host", "get"] }])).toEqual([{ path: ["host", "get"] }]);
});
