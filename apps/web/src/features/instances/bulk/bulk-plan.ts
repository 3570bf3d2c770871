import type { BulkAction, InstanceListItem } from "@indium/contract/api/instance-views";
import { MAX_ACT_MANY } from "@indium/contract/plain/lists";
import type { useTranslations } from "use-intl/react";
import type { Format } from "@/lib/i18n/format";

type Subject = Pick<InstanceListItem, "id" | "name" | "actions">;

export interface BulkPlan<S extends Subject = Subject> {
  readonly allowed: readonly S[];
  /** Those that may not, by the sentence why not; the commonest first. */
  readonly refused: readonly { readonly reason: string; readonly instances: readonly S[] }[];
}

/** What an action would come to for what is selected: what each instance's own button says, taken together. */
export function planOf<S extends Subject>(action: BulkAction, selected: readonly S[]): BulkPlan<S> {
  const refused = new Map<string, S[]>();
  const allowed = selected.filter((instance) => {
    const verdict = instance.actions[action];
    if (verdict.allowed) return true;
    refused.set(verdict.reason, [...(refused.get(verdict.reason) ?? []), instance]);
    return false;
  });
  return {
    allowed,
    refused: [...refused].map(([reason, instances]) => ({ reason, instances })).sort((a, b) => b.instances.length - a.instances.length),
  };
}

/** Asked for in parts, so that one sees how far it has come and may stop the rest. */
export const PART = 20;
export function partsOf<T>(all: readonly T[], size: number = Math.min(PART, MAX_ACT_MANY)): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));
}

const NAMED = 5;
/** "web-1, web-2 and 14 more" */
export function namesOf(
  instances: readonly Pick<Subject, "name">[],
  t: ReturnType<typeof useTranslations<"instancesBulk">>,
  format: Pick<Format, "count">,
): string {
  const names = instances.slice(0, instances.length > NAMED + 1 ? NAMED : NAMED + 1).map((instance) => instance.name);
  const rest = instances.length - names.length;
  if (rest > 0) return t("names.more", { names: names.join(", "), count: format.count(rest) });
  const last = names.at(-1);
  return names.length < 2 || last === undefined ? names.join("") : t("names.two", { first: names.slice(0, -1).join(", "), last });
}
