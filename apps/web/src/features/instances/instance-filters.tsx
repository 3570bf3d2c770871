"use client";

import { DISPLAYED_STATES } from "@indium/contract/plain/states";
import type { DisplayedState } from "@indium/contract/states";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useFormat } from "@/lib/i18n/use-format";
import { idOrNull, oneOf } from "@/lib/one-of";
import { useTRPC } from "@/lib/trpc";
import { Select } from "@/ui/select";
import { formatTag, type InstanceFilter, parseTag } from "./instance-filter";

/** What people look for first; the others are passing. */
const STATES: readonly DisplayedState[] = [
  "running",
  "stopped",
  "paused",
  "failed",
  "crashed",
  "unknown",
  "creating",
  "starting",
  "stopping",
  "rebooting",
  "deleting",
];

/** New tags and hosts are offered when one comes to look. */
const OPTIONS_STALE_MS = 15_000;

interface InstanceFiltersProps {
  filter: InstanceFilter;
  onChange: (filter: Partial<InstanceFilter>) => void;
}

/** State, site, host and tag; those of which there is nothing to choose are left out. */
export function InstanceFilters({ filter, onChange }: InstanceFiltersProps) {
  const t = useTranslations("instances");
  const format = useFormat();
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const { data } = useQuery({ ...trpc.instance.filterOptions.queryOptions({ organizationId }), staleTime: OPTIONS_STALE_MS });
  const hosts = (data?.hosts ?? []).filter((host) => filter.siteId === null || host.siteId === filter.siteId);
  const tagKeys = [...new Set((data?.tags ?? []).map((tag) => tag.key))].sort();
  const tag = filter.tag === null ? "" : formatTag(filter.tag);
  const tagOffered =
    tag === "" || (data?.tags ?? []).some((each) => tag === formatTag(each) || tag === formatTag({ ...each, value: null }));
  return (
    <>
      <Select
        aria-label={t("filters.state")}
        className="w-36 max-sm:grow max-sm:basis-2/5"
        value={filter.state ?? ""}
        onChange={(event) => onChange({ state: oneOf(DISPLAYED_STATES, event.target.value) })}
      >
        <option value="">{t("filters.allStates")}</option>
        {(filter.state === null || STATES.includes(filter.state) ? STATES : [...STATES, filter.state]).map((state) => (
          <option key={state} value={state}>
            {t(`states.${state}`)}
          </option>
        ))}
      </Select>
      {(data?.sites.length ?? 0) > 1 || filter.siteId !== null ? (
        <Select
          aria-label={t("filters.site")}
          className="w-36 max-sm:grow max-sm:basis-2/5"
          value={filter.siteId ?? ""}
          // A host stands at one site: choosing another site lets go of it.
          onChange={(event) => onChange({ siteId: idOrNull("site", event.target.value), hostId: null })}
        >
          <option value="">{t("filters.allSites")}</option>
          {(data?.sites ?? []).map((site) => (
            <option key={site.id} value={site.id}>
              {site.name}
            </option>
          ))}
        </Select>
      ) : null}
      {hosts.length > 1 || filter.hostId !== null ? (
        <Select
          aria-label={t("filters.host")}
          className="w-36 max-sm:grow max-sm:basis-2/5"
          value={filter.hostId ?? ""}
          onChange={(event) => onChange({ hostId: idOrNull("host", event.target.value) })}
        >
          <option value="">{t("filters.allHosts")}</option>
          {hosts.map((host) => (
            <option key={host.id} value={host.id}>
              {host.name}
            </option>
          ))}
        </Select>
      ) : null}
      {tagKeys.length > 0 || filter.tag !== null ? (
        <Select
          aria-label={t("filters.tag")}
          className="w-40 max-sm:grow max-sm:basis-2/5"
          value={tag}
          onChange={(event) => onChange({ tag: parseTag(event.target.value === "" ? null : event.target.value) })}
        >
          <option value="">{t("filters.allTags")}</option>
          {tagOffered ? null : <option value={tag}>{tag}</option>}
          {tagKeys.map((key) => (
            <optgroup key={key} label={key}>
              <option value={formatTag({ key, value: null })}>{t("filters.anyValue", { key })}</option>
              {(data?.tags ?? [])
                .filter((each) => each.key === key)
                .map((each) => (
                  <option key={each.value} value={formatTag(each)}>
                    {each.value === ""
                      ? t("filters.emptyValue", { key, count: format.count(each.instances) })
                      : `${key}: ${each.value} (${format.count(each.instances)})`}
                  </option>
                ))}
            </optgroup>
          ))}
        </Select>
      ) : null}
    </>
  );
}
