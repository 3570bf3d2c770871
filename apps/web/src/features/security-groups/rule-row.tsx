"use client";

import type { SecurityGroupView } from "@indium/contract/api/security-group-views";
import { SECURITY_PROTOCOLS } from "@indium/contract/plain/security-groups";
import { Trash2 } from "lucide-react";
import { useTranslations } from "use-intl/react";
import { oneOf } from "@/lib/one-of";
import { IconButton } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import type { RuleDraft, RuleErrors } from "./rule-form";

interface RuleRowProps {
  draft: RuleDraft;
  /** Counts from 1, for the row's name. */
  position: number;
  errors: RuleErrors;
  groups: readonly SecurityGroupView[];
  onChange: (draft: RuleDraft) => void;
  onRemove: () => void;
}

const RANGE = "";

/** One rule being edited. */
export function RuleRow({ draft, position, errors, groups, onChange, onRemove }: RuleRowProps) {
  const t = useTranslations("securityGroups");
  const hasPorts = draft.protocol === "tcp" || draft.protocol === "udp";
  const cidr = draft.cidr.trim();
  const everyone = cidr === "0.0.0.0/0" ? t("row.everyoneV4") : cidr === "::/0" ? t("row.everyoneV6") : undefined;
  const change = (part: Partial<RuleDraft>) => onChange({ ...draft, ...part });
  return (
    <fieldset className="grid min-w-0 grid-cols-2 gap-3 border-line border-t py-4 first:border-t-0 first:pt-0 max-sm:[&>:nth-child(n+4)]:col-span-2 xl:grid-cols-[9rem_8rem_minmax(0,1fr)_minmax(0,1fr)_minmax(0,1fr)_auto]">
      <legend className="sr-only">{t(`row.${draft.direction}`, { position: String(position) })}</legend>
      <Field label={t("row.protocol")}>
        <Select
          value={draft.protocol}
          onChange={(event) => change({ protocol: oneOf(SECURITY_PROTOCOLS, event.target.value) ?? draft.protocol })}
        >
          {SECURITY_PROTOCOLS.map((protocol) => (
            <option key={protocol} value={protocol}>
              {t(`protocols.${protocol}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("row.ports")} error={errors.ports}>
        <Input
          inputMode="text"
          autoComplete="off"
          placeholder={draft.protocol === "icmp" ? t("row.noPorts") : t("row.allPorts")}
          disabled={!hasPorts}
          maxLength={20}
          value={hasPorts ? draft.ports : ""}
          onChange={(event) => change({ ports: event.target.value })}
        />
      </Field>
      <Field label={draft.direction === "in" ? t("row.from") : t("row.to")}>
        <Select
          value={draft.remoteGroupId ?? RANGE}
          onChange={(event) => change({ remoteGroupId: groups.find((group) => group.id === event.target.value)?.id ?? null })}
        >
          <option value={RANGE}>{t("row.aRange")}</option>
          {groups.map((group) => (
            <option key={group.id} value={group.id}>
              {t("row.membersOf", { name: group.name })}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("row.range")} error={errors.cidr} hint={draft.remoteGroupId === null ? everyone : undefined}>
        <Input
          autoComplete="off"
          spellCheck={false}
          maxLength={50}
          disabled={draft.remoteGroupId !== null}
          placeholder="10.20.0.0/24"
          value={draft.remoteGroupId === null ? draft.cidr : ""}
          onChange={(event) => change({ cidr: event.target.value })}
        />
      </Field>
      <Field label={t("row.description")} optional error={errors.description}>
        <Input maxLength={200} value={draft.description} onChange={(event) => change({ description: event.target.value })} />
      </Field>
      <IconButton
        label={t("row.remove", { position: String(position) })}
        className="self-start max-xl:justify-self-end xl:mt-6"
        onClick={onRemove}
      >
        <Trash2 aria-hidden />
      </IconButton>
    </fieldset>
  );
}
