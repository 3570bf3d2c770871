import type { InstanceSort } from "@indium/contract/api/instance-views";
import type { HostId, OrganizationId, SiteId } from "@indium/contract/ids";
import { INSTANCE_SORTS, TAG_LIMITS } from "@indium/contract/plain/lists";
import { DISPLAYED_STATES } from "@indium/contract/plain/states";
import type { DisplayedState } from "@indium/contract/states";
import { idOrNull, oneOf } from "@/lib/one-of";
import { formatSort, parseSort, type SortParameter } from "@/lib/sort-parameter";

/** What the list of instances is narrowed down to and how it is sorted, as it stands in the address bar. */
export interface InstanceFilter {
  readonly search: string;
  readonly state: DisplayedState | null;
  readonly siteId: SiteId | null;
  readonly hostId: HostId | null;
  readonly tag: InstanceTag | null;
  readonly sort: SortParameter<InstanceSort>;
}
/** With a value, or null for any. */
export interface InstanceTag {
  readonly key: string;
  readonly value: string | null;
}

const NEWEST_FIRST = { key: "created", direction: "desc" } as const;

/** What cannot be read is left out: an address may be of an older Indium, or typed. */
export function parseInstanceFilter(get: (name: string) => string | null): InstanceFilter {
  return {
    search: (get("q") ?? "").slice(0, 100),
    state: oneOf(DISPLAYED_STATES, get("state")),
    siteId: idOrNull("site", get("site")),
    hostId: idOrNull("host", get("host")),
    tag: parseTag(get("tag")),
    sort: parseSort(get("sort"), INSTANCE_SORTS, NEWEST_FIRST),
  };
}

export function instanceFilterParameters(filter: Partial<InstanceFilter>): Record<string, string | null> {
  return {
    ...(filter.search === undefined ? {} : { q: filter.search.trim() }),
    ...(filter.state === undefined ? {} : { state: filter.state }),
    ...(filter.siteId === undefined ? {} : { site: filter.siteId }),
    ...(filter.hostId === undefined ? {} : { host: filter.hostId }),
    ...(filter.tag === undefined ? {} : { tag: filter.tag === null ? null : formatTag(filter.tag) }),
    ...(filter.sort === undefined ? {} : { sort: formatSort(filter.sort, NEWEST_FIRST) }),
  };
}

export const NO_FILTER: Omit<InstanceFilter, "sort"> = { search: "", state: null, siteId: null, hostId: null, tag: null };

export function isFiltered({ search, state, siteId, hostId, tag }: InstanceFilter): boolean {
  return search.trim() !== "" || state !== null || siteId !== null || hostId !== null || tag !== null;
}

export function instanceListInput(organizationId: OrganizationId, { search, sort, ...rest }: InstanceFilter) {
  return { organizationId, search: search.trim(), ...rest, sort: sort.key, direction: sort.direction };
}

/** `env=production`, or `env` alone; an equals sign of the key's own is written %3D. */
export function formatTag({ key, value }: InstanceTag): string {
  const written = key.replaceAll("%", "%25").replaceAll("=", "%3D");
  return value === null ? written : `${written}=${value}`;
}

export function parseTag(text: string | null): InstanceTag | null {
  if (text === null) return null;
  const at = text.indexOf("=");
  const written = at < 0 ? text : text.slice(0, at);
  const tag = { key: written.replaceAll("%3D", "=").replaceAll("%25", "%"), value: at < 0 ? null : text.slice(at + 1) };
  const usable = tag.key !== "" && tag.key.length <= TAG_LIMITS.key && (tag.value ?? "").length <= TAG_LIMITS.value;
  return usable ? tag : null;
}
