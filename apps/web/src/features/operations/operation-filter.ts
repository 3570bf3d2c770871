import type { OperationStateFilter } from "@indium/contract/api/instance-views";
import type { OrganizationId } from "@indium/contract/ids";
import { oneOf } from "@/lib/one-of";
import { parseSort, type SortParameter } from "@/lib/sort-parameter";

/** What the list of operations is narrowed down to and how it is sorted, as it stands in the address bar. */
export interface OperationFilter {
  readonly search: string;
  readonly state: OperationStateFilter | null;
  readonly sort: SortParameter<"created">;
}

export const NEWEST_FIRST = { key: "created", direction: "desc" } as const;
export const STATES = ["open", "waiting", "succeeded", "failed", "cancelled"] as const satisfies readonly OperationStateFilter[];

export function parseOperationFilter(get: (name: string) => string | null): OperationFilter {
  return {
    search: (get("q") ?? "").slice(0, 100),
    state: oneOf(STATES, get("state")),
    sort: parseSort(get("sort"), ["created"], NEWEST_FIRST),
  };
}

export function operationListInput(organizationId: OrganizationId, { search, state, sort }: OperationFilter) {
  return { organizationId, search: search.trim(), state, direction: sort.direction };
}
