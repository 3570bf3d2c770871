"use client";

import { AUDIT_ACTIONS } from "@indium/contract/plain/audit-actions";
import { useQuery } from "@tanstack/react-query";
import { useOrganizationId } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import { auditWords } from "./audit-words";
import { FILTER_KEYS, type useAuditFilter } from "./use-audit-filter";

export function AuditFilterBar({ filter }: { filter: ReturnType<typeof useAuditFilter> }) {
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const actors = useQuery(trpc.audit.actors.queryOptions({ organizationId }));
  const { text, change } = filter;
  const target = text("target");
  return (
    <search aria-label="Filter the audit log" className="flex flex-wrap items-end gap-3">
      <Field label="Who" className="w-44">
        <Select value={text("actor")} onChange={(event) => change({ actor: event.target.value })}>
          <option value="">Everybody</option>
          {(actors.data ?? []).map((actor) => (
            <option key={actor.id} value={actor.id}>
              {actor.name}
            </option>
          ))}
          <option value="system">Nobody signed in</option>
        </Select>
      </Field>
      <Field label="What" className="w-64">
        <Select value={text("action")} onChange={(event) => change({ action: event.target.value })}>
          <option value="">Everything</option>
          {AUDIT_ACTIONS.map((action) => (
            <option key={action} value={action}>
              {action}: {auditWords(action)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="From" className="w-40">
        <Input type="date" value={text("from")} onChange={(event) => change({ from: event.target.value })} />
      </Field>
      <Field label="Until" className="w-40">
        <Input type="date" value={text("until")} onChange={(event) => change({ until: event.target.value })} />
      </Field>
      {target === "" ? null : (
        <Button size="sm" className="mb-0.5" onClick={() => change({ target: "" })} aria-label={`No longer only ${target}`}>
          Only {target} ×
        </Button>
      )}
      {filter.isFiltered ? (
        <Button
          size="sm"
          variant="ghost"
          className="mb-0.5"
          onClick={() => change({ ...Object.fromEntries(FILTER_KEYS.map((key) => [key, ""])), before: "" })}
        >
          Clear
        </Button>
      ) : null}
    </search>
  );
}
