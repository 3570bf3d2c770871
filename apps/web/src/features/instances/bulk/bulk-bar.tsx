"use client";

import type { BulkAction, InstanceListItem } from "@indium/contract/api/instance-views";
import { BULK_ACTIONS } from "@indium/contract/plain/states";
import { X } from "lucide-react";
import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { Button, IconButton } from "@/ui/button";
import { useActionDenial } from "../action-denial";
import { ACTION_ICON } from "../action-words";
import { namesOf, planOf } from "./bulk-plan";

interface BulkBarProps {
  selected: readonly InstanceListItem[];
  /** How many rows there are to select. */
  loaded: number;
  onSelectAll: () => void;
  onClear: () => void;
  onAction: (action: BulkAction) => void;
}

/** What can be done to the selection. Each button says to how many; one that does nothing says why not. */
export function BulkBar({ selected, loaded, onSelectAll, onClear, onAction }: BulkBarProps) {
  const t = useTranslations("instancesBulk");
  const label = useTranslations("instances.actions");
  const format = useFormat();
  const denialOf = useActionDenial();
  return (
    <section
      aria-label={t("bar.label")}
      className="sticky bottom-4 z-20 mx-auto mt-4 flex w-fit max-w-full animate-enter flex-wrap items-center gap-2 rounded-xl border border-line bg-raised p-2 shadow-pop max-sm:w-full"
    >
      <div className="flex items-center gap-2 max-sm:w-full max-sm:pr-8">
        <p role="status" className="px-2 font-medium">
          {t("bar.selected", { count: format.count(selected.length) })}
        </p>
        {selected.length < loaded ? (
          <Button size="sm" variant="ghost" onClick={onSelectAll}>
            {t("bar.selectAll", { count: format.count(loaded) })}
          </Button>
        ) : null}
      </div>
      {BULK_ACTIONS.map((action) => {
        const { allowed, refused } = planOf(action, selected);
        const reason = refused[0];
        return (
          <Button
            key={action}
            size="sm"
            className="max-sm:[&_svg]:hidden"
            variant={action === "delete" ? "dangerQuiet" : "secondary"}
            aria-label={t(`act.${action}`, { count: allowed.length })}
            disabledReason={
              allowed.length === 0 && reason !== undefined
                ? `${namesOf(reason.instances, t, format)}: ${denialOf(action, { allowed: false, reason: reason.reason })}`
                : null
            }
            onClick={() => onAction(action)}
          >
            {ACTION_ICON[action]}
            {label(action)}
            <span className="tabular text-ink-3">{format.count(allowed.length)}</span>
          </Button>
        );
      })}
      <IconButton size="iconSm" label={t("bar.clear")} className="max-sm:absolute max-sm:top-2 max-sm:right-2" onClick={onClear}>
        <X aria-hidden />
      </IconButton>
    </section>
  );
}
