"use client";

import type { BulkAction, InstanceListItem } from "@indium/contract/api/instance-views";
import { BULK_ACTIONS } from "@indium/contract/plain/states";
import { X } from "lucide-react";
import { plural } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { ACTION_WORDS } from "../action-words";
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
  return (
    <section
      aria-label="Selected instances"
      className="sticky bottom-4 z-20 mx-auto mt-4 flex w-fit max-w-full animate-enter flex-wrap items-center gap-2 rounded-xl border border-line bg-raised p-2 shadow-pop"
    >
      <p role="status" className="px-2 font-medium">
        {selected.length.toLocaleString("en")} selected
      </p>
      {selected.length < loaded ? (
        <Button size="sm" variant="ghost" onClick={onSelectAll}>
          Select all {loaded.toLocaleString("en")} shown
        </Button>
      ) : null}
      {BULK_ACTIONS.map((action) => {
        const { allowed, refused } = planOf(action, selected);
        const reason = refused[0];
        return (
          <Button
            key={action}
            size="sm"
            variant={action === "delete" ? "dangerQuiet" : "secondary"}
            aria-label={`${ACTION_WORDS[action].label} ${plural(allowed.length, "instance")}`}
            disabledReason={allowed.length === 0 && reason !== undefined ? `${namesOf(reason.instances)}: ${reason.reason}` : null}
            onClick={() => onAction(action)}
          >
            {ACTION_WORDS[action].icon}
            {ACTION_WORDS[action].label}
            <span className="tabular text-ink-3">{allowed.length.toLocaleString("en")}</span>
          </Button>
        );
      })}
      <IconButton size="iconSm" label="Clear selection" onClick={onClear}>
        <X aria-hidden />
      </IconButton>
    </section>
  );
}
