import type { LiveChange } from "@indium/contract/api/live";

/** A query that a change makes stale: its path in the router, and where given only those asked for with this input. */
export interface StaleQuery {
  readonly path: readonly [string, ...string[]];
  readonly input?: Readonly<Record<string, string>>;
}

type Changed = Extract<LiveChange, { kind: "changed" }>;

/**
 * Which queries to ask again after a change. A host's lease decides its instances' displayed state, and an instance counts
 * towards its host's allocation, so the two touch each other's lists.
 */
export function staleQueries(change: Changed): readonly StaleQuery[] {
  switch (change.resource) {
    case "instance":
      return [
        { path: ["instance", "list"] },
        { path: ["instance", "get"], input: { instanceId: change.id } },
        { path: ["host", "list"] },
        { path: ["host", "page"] },
        { path: ["host", "get"] },
        { path: ["network", "list"] },
        { path: ["fleet", "get"] },
      ];
    case "host":
      return [
        { path: ["fleet", "get"] },
        { path: ["host", "list"] },
        { path: ["host", "page"] },
        { path: ["host", "get"], input: { hostId: change.id } },
        { path: ["host", "pairs"] },
        { path: ["instance", "filterOptions"] },
        { path: ["instance", "list"] },
        { path: ["instance", "get"] },
        { path: ["site", "list"] },
        { path: ["enrolment", "list"] },
        { path: ["image", "list"] },
        { path: ["network", "list"] },
      ];
    case "image":
      return [{ path: ["image", "list"] }];
    case "network":
      return [{ path: ["network", "list"] }];
    case "operation":
      return [
        { path: ["operation", "list"] },
        { path: ["operation", "get"], input: { operationId: change.id } },
        ...(change.parentId === null
          ? []
          : [
              { path: ["instance", "get"], input: { instanceId: change.parentId } } as const satisfies StaleQuery,
              { path: ["instance", "list"] } as const satisfies StaleQuery,
            ]),
      ];
    case "site":
      return [{ path: ["site", "list"] }, { path: ["fleet", "get"] }, { path: ["instance", "filterOptions"] }];
    case "securityGroup":
      return [{ path: ["securityGroup"] }, { path: ["instance", "get"] }];
    case "sshKey":
      return [{ path: ["sshKey", "list"] }];
    case "member":
      return [{ path: ["member"] }, { path: ["session", "get"] }];
    case "organization":
      return [{ path: ["organization"] }, { path: ["session", "get"] }];
    case "enrolment":
      return [{ path: ["enrolment", "list"] }];
    case "console":
      return [
        { path: ["console", "room"], input: { instanceId: change.id } },
        { path: ["console", "shares"], input: { instanceId: change.id } },
      ];
    case "fleet":
      return [{ path: ["fleet", "get"] }];
    case "invitation":
      return [{ path: ["invitation"] }];
  }
}

/** Several changes' stale queries, each once; one without input swallows those with. */
export function mergeStale(queries: readonly StaleQuery[]): readonly StaleQuery[] {
  const whole = new Set(queries.filter((query) => query.input === undefined).map((query) => query.path.join(".")));
  const merged = new Map<string, StaleQuery>();
  for (const query of queries) {
    const path = query.path.join(".");
    if (query.input !== undefined && whole.has(path)) continue;
    merged.set(`${path} ${JSON.stringify(query.input ?? null)}`, query);
  }
  return [...merged.values()];
}

/** Does a TanStack key made by tRPC (`[path, {input, type}]`) belong to the stale query? */
export function matchesKey(key: readonly unknown[], stale: StaleQuery): boolean {
  const [path, options] = key;
  if (!Array.isArray(path) || !stale.path.every((part, index) => path[index] === part)) return false;
  if (stale.input === undefined) return true;
  const input = typeof options === "object" && options !== null && "input" in options ? (options as { input: unknown }).input : undefined;
  if (typeof input !== "object" || input === null) return false;
  return Object.entries(stale.input).every(([name, value]) => (input as Record<string, unknown>)[name] === value);
}
