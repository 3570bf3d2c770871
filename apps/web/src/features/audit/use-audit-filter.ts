"use client";

import type { AuditAction } from "@indium/contract/audit";
import type { OrganizationId, UserId } from "@indium/contract/ids";
import { AUDIT_ACTIONS } from "@indium/contract/plain/audit-actions";
import { usePathname, useSearchParams } from "next/navigation";
import { useCallback } from "react";
import { idOrNull, oneOf } from "@/lib/one-of";

export const FILTER_KEYS = ["actor", "action", "target", "from", "until"] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];
type Parameter = FilterKey | "before" | "of";
export type FilterText = Readonly<Record<Parameter, string>>;

/** What stands in the address; days are the reader's own. Anything unusable there filters nothing. */
export function readAuditFilter(organizationId: OrganizationId, parameters: URLSearchParams): AuditListInputValue {
  const day = (key: "from" | "until", shift: number): Date | null => {
    const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(parameters.get(key) ?? "");
    return match === null ? null : new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]) + shift);
  };
  const actor = parameters.get("actor");
  const target = parameters.get("target");
  const cursor = parameters.get("before");
  return {
    organizationId,
    actor: actor === "system" ? actor : idOrNull("user", actor),
    action: oneOf(AUDIT_ACTIONS, parameters.get("action")),
    target: target !== null && target.length <= 60 ? target : null,
    from: day("from", 0),
    // The day itself is meant, too.
    until: day("until", 1),
    cursor: cursor !== null && /^\d{1,18}$/.test(cursor) ? cursor : null,
  };
}
export interface AuditListInputValue {
  readonly organizationId: OrganizationId;
  readonly actor: UserId | "system" | null;
  readonly action: AuditAction | null;
  readonly target: string | null;
  readonly from: Date | null;
  readonly until: Date | null;
  readonly cursor: string | null;
}

/** The same as the file's address takes it. */
export function exportQuery(filter: AuditListInputValue, format: "csv" | "json"): string {
  const query = new URLSearchParams({ format });
  for (const key of ["actor", "action", "target"] as const) {
    const value = filter[key];
    if (value !== null) query.set(key, value);
  }
  for (const key of ["from", "until"] as const) {
    const value = filter[key];
    if (value !== null) query.set(key, value.toISOString());
  }
  return query.toString();
}

/** The filter of the audit page, kept in the address so that a link shows what one saw. */
export function useAuditFilter(organizationId: OrganizationId) {
  const pathname = usePathname();
  const parameters = useSearchParams();
  const change = useCallback(
    (changes: Partial<Record<Parameter, string>>) => {
      const query = new URLSearchParams(parameters);
      // Another filter begins at its newest.
      if (!("before" in changes)) query.delete("before");
      for (const [key, value] of Object.entries(changes)) {
        if (value === "") query.delete(key);
        else query.set(key, value);
      }
      window.history.pushState(null, "", query.size === 0 ? pathname : `${pathname}?${query}`);
    },
    [parameters, pathname],
  );
  const text = (key: Parameter): string => parameters.get(key) ?? "";
  return {
    filter: readAuditFilter(organizationId, parameters),
    /** Not the organization's, but what belongs to none: for administrators of the installation. */
    ofInstallation: text("of") === "installation",
    text,
    change,
    isFiltered: FILTER_KEYS.some((key) => text(key) !== ""),
  };
}
