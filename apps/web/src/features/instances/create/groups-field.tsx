"use client";

import type { SecurityGroupView } from "@indium/contract/api/security-group-views";
import type { SecurityGroupId } from "@indium/contract/ids";
import { useTranslations } from "use-intl/react";
import { GroupChoice } from "@/features/security-groups/group-choice";
import { Fold } from "@/ui/fold";

interface GroupsFieldProps {
  groups: readonly SecurityGroupView[];
  /** Null: the organization's default group. */
  selected: readonly SecurityGroupId[] | null;
  onChange: (ids: readonly SecurityGroupId[]) => void;
  error: string | undefined;
}

/** The security groups of a new instance's interface. Folded away: the default group is there for whoever does not choose. */
export function GroupsField({ groups, selected, onChange, error }: GroupsFieldProps) {
  const t = useTranslations("instancesCreate.groups");
  const chosen = selected ?? groups.flatMap((group) => (group.isDefault ? [group.id] : []));
  const names = groups.flatMap((group) => (chosen.includes(group.id) ? [group.name] : []));
  return (
    <Fold summary={names.length === 0 ? t("none") : t("summary", { names: names.join(", ") })} forcedOpen={error !== undefined}>
      <GroupChoice groups={groups} selected={chosen} onChange={onChange} />
      <div aria-live="polite" className="empty:hidden">
        {error === undefined ? null : <p className="mt-2 text-bad">{error}</p>}
      </div>
    </Fold>
  );
}
