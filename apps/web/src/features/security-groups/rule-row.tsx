"use client";

import type { SecurityGroupView } from "@indium/contract/api/security-group-views";
import { SECURITY_PROTOCOLS } from "@indium/contract/plain/security-groups";
import { Trash2 } from "lucide-react";
import { oneOf } from "@/lib/one-of";
import { IconButton } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Select } from "@/ui/select";
import type { RuleDraft, RuleErrors } from "./rule-form";
import { PROTOCOL_WORDS } from "./rule-words";

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
const EVERYONE: Readonly<Record<string, string>> = { "0.0.0.0/0": "Everyone, over IPv4.", "::/0": "Everyone, over IPv6." };

/** One rule being edited. */
export function RuleRow({ draft, position, errors, groups, onChange, onRemove }: RuleRowProps) {
  const hasPorts = draft.protocol === "tcp" || draft.protocol === "udp";
  const change = (part: Partial<RuleDraft>) => onChange({ ...draft, ...part });
  return (
    <fieldset className="grid min-w-0 grid-cols-2 gap-3 border-line border-t py-4 first:border-t-0 first:pt-0 max-sm:[&>:nth-child(n+4)]:col-span-2 xl:grid-cols-[9rem_8rem_minmax(0,1fr)_minmax(0,1fr)_minmax(0,1fr)_auto]">
      <legend className="sr-only">
        Rule {position} {draft.direction === "in" ? "in" : "out"}
      </legend>
      <Field label="Protocol">
        <Select
          value={draft.protocol}
          onChange={(event) => change({ protocol: oneOf(SECURITY_PROTOCOLS, event.target.value) ?? draft.protocol })}
        >
          {SECURITY_PROTOCOLS.map((protocol) => (
            <option key={protocol} value={protocol}>
              {PROTOCOL_WORDS[protocol]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Ports" error={errors.ports}>
        <Input
          inputMode="text"
          autoComplete="off"
          placeholder={draft.protocol === "icmp" ? "none" : "all"}
          disabled={!hasPorts}
          maxLength={20}
          value={hasPorts ? draft.ports : ""}
          onChange={(event) => change({ ports: event.target.value })}
        />
      </Field>
      <Field label={draft.direction === "in" ? "From" : "To"}>
        <Select
          value={draft.remoteGroupId ?? RANGE}
          onChange={(event) => change({ remoteGroupId: groups.find((group) => group.id === event.target.value)?.id ?? null })}
        >
          <option value={RANGE}>A range of addresses</option>
          {groups.map((group) => (
            <option key={group.id} value={group.id}>
              Members of {group.name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Range" error={errors.cidr} hint={draft.remoteGroupId === null ? EVERYONE[draft.cidr.trim()] : undefined}>
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
      <Field label="Description" optional error={errors.description}>
        <Input maxLength={200} value={draft.description} onChange={(event) => change({ description: event.target.value })} />
      </Field>
      <IconButton label={`Remove rule ${position}`} className="self-start xl:mt-6" onClick={onRemove}>
        <Trash2 aria-hidden />
      </IconButton>
    </fieldset>
  );
}
