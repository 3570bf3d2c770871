"use client";

import { AUDIT_ACTIONS } from "@indium/contract/plain/audit-actions";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { useOrganizationId, useSession } from "@/features/shell/organization-context";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import { auditWords } from "./audit-words";
import { FILTER_KEYS, type useAuditFilter } from "./use-audit-filter";

export function AuditFilterBar({ filter }: { filter: ReturnType<typeof useAuditFilter> }) {
  const t = useTranslations("audit");
  const trpc = useTRPC();
  const organizationId = useOrganizationId();
  const { installationAdmin } = useSession().user;
  const { text, change, ofInstallation } = filter;
  const ofOrganization = useQuery({ ...trpc.audit.actors.queryOptions({ organizationId }), enabled: !ofInstallation });
  const ofAll = useQuery({ ...trpc.audit.installationActors.queryOptions(), enabled: ofInstallation && installationAdmin });
  const actors = ofInstallation ? ofAll : ofOrganization;
  const target = text("target");
  return (
    <search aria-label={t("filter.label")} className="flex flex-wrap items-end gap-3">
      {installationAdmin ? (
        <Field label={t("filter.where")} className="w-44 max-sm:w-full">
          <Select
            value={ofInstallation ? "installation" : ""}
            onChange={(event) => change({ of: event.target.value, actor: "", target: "" })}
          >
            <option value="">{t("filter.organization")}</option>
            <option value="installation">{t("filter.installation")}</option>
          </Select>
        </Field>
      ) : null}
      <Field label={t("filter.who")} className="w-40 max-sm:w-full">
        <Select value={text("actor")} onChange={(event) => change({ actor: event.target.value })}>
          <option value="">{t("filter.everybody")}</option>
          {(actors.data ?? []).map((actor) => (
            <option key={actor.id} value={actor.id}>
              {actor.name}
            </option>
          ))}
          <option value="system">{t("filter.nobody")}</option>
        </Select>
      </Field>
      <Field label={t("filter.what")} className="w-60 max-sm:w-full">
        <Select value={text("action")} onChange={(event) => change({ action: event.target.value })}>
          <option value="">{t("filter.everything")}</option>
          {AUDIT_ACTIONS.map((action) => (
            <option key={action} value={action}>
              {action}: {auditWords(action, t)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("filter.from")} className="w-40 max-sm:min-w-0 max-sm:flex-1">
        <Input type="date" value={text("from")} onChange={(event) => change({ from: event.target.value })} />
      </Field>
      <Field label={t("filter.until")} className="w-40 max-sm:min-w-0 max-sm:flex-1">
        <Input type="date" value={text("until")} onChange={(event) => change({ until: event.target.value })} />
      </Field>
      {target === "" ? null : (
        <Button size="sm" className="mb-0.5" onClick={() => change({ target: "" })} aria-label={t("filter.noLongerOnly", { target })}>
          {t("filter.onlyTarget", { target })}
        </Button>
      )}
      {filter.isFiltered ? (
        <Button
          size="sm"
          variant="ghost"
          className="mb-0.5"
          onClick={() => change({ ...Object.fromEntries(FILTER_KEYS.map((key) => [key, ""])), before: "" })}
        >
          {t("filter.clear")}
        </Button>
      ) : null}
    </search>
  );
}
