import type { HostSort } from "@indium/contract/api/host-views";
import type { OrganizationId, SiteId } from "@indium/contract/ids";
import { HOST_SORTS } from "@indium/contract/plain/lists";
import { HOST_STATES } from "@indium/contract/plain/states";
import type { HostState } from "@indium/contract/states";
import { idOrNull, oneOf } from "@/lib/one-of";
import { parseSort, type SortParameter } from "@/lib/sort-parameter";

/** What the list of hosts is narrowed down to and how it is sorted, as it stands in the address bar. */
export interface HostFilter {
  readonly search: string;
  readonly state: HostState | null;
  readonly siteId: SiteId | null;
  readonly sort: SortParameter<HostSort>;
}

export const BY_NAME = { key: "name", direction: "asc" } as const;

/** What cannot be read is left out: an address may be of an older Indium, or typed. */
export function parseHostFilter(get: (name: string) => string | null): HostFilter {
  return {
    search: (get("q") ?? "").slice(0, 100),
    state: oneOf(HOST_STATES, get("state")),
    siteId: idOrNull("site", get("site")),
    sort: parseSort(get("sort"), HOST_SORTS, BY_NAME),
  };
}

export function hostPageInput(organizationId: OrganizationId, { search, state, siteId, sort }: HostFilter) {
  return { organizationId, search: search.trim(), state, siteId, sort: sort.key, direction: sort.direction };
}
