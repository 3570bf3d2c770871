"use client";

import type { SecurityGroupId } from "@indium/contract/ids";
import { MAX_GROUPS_PER_NIC } from "@indium/contract/plain/security-groups";
import { useTranslations } from "use-intl/react";
import { Checkbox } from "@/ui/checkbox";

interface GroupChoiceProps {
  groups: readonly { readonly id: SecurityGroupId; readonly name: string; readonly description: string }[];
  selected: readonly SecurityGroupId[];
  onChange: (ids: readonly SecurityGroupId[]) => void;
}

/** Which groups one network interface is in. */
export function GroupChoice({ groups, selected, onChange }: GroupChoiceProps) {
  const t = useTranslations("securityGroups.choice");
  return (
    <fieldset className="min-w-0">
      <legend className="sr-only">{t("label")}</legend>
      <div className="grid grid-cols-1 gap-2.5 sm:grid-cols-2">
        {groups.map((group) => (
          <Checkbox
            key={group.id}
            label={group.name}
            description={group.description}
            checked={selected.includes(group.id)}
            disabled={!selected.includes(group.id) && selected.length >= MAX_GROUPS_PER_NIC}
            onCheckedChange={(on) => onChange(on ? [...selected, group.id] : selected.filter((id) => id !== group.id))}
          />
        ))}
      </div>
      <p className="mt-2 text-[0.8125rem] text-ink-3">{selected.length === 0 ? t("none") : t("several")}</p>
    </fieldset>
  );
}
