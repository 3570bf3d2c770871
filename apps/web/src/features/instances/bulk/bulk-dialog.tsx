"use client";

import type { BulkAction, InstanceListItem } from "@indium/contract/api/instance-views";
import { useEffect, useState } from "react";
import { useOrganizationId } from "@/features/shell/organization-context";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { Dialog } from "@/ui/dialog";
import { ACTION_WORDS } from "../action-words";
import { type BulkPlan, namesOf, planOf } from "./bulk-plan";
import { BulkResults } from "./bulk-results";
import { BULK_WORDS } from "./bulk-words";
import { type BulkItem, useBulkRun } from "./use-bulk-run";

interface BulkDialogProps {
  action: BulkAction;
  selected: readonly InstanceListItem[];
  /** `done`: something was asked for, so the selection has served. */
  onClose: (done: boolean) => void;
}

/** One action on what is selected: what it comes to, the question where guests' work is at stake, and how each of them fared. */
export function BulkDialog({ action, selected, onClose }: BulkDialogProps) {
  // What was selected when the button was pressed: the list beneath goes on changing.
  const [plan] = useState<BulkPlan<InstanceListItem>>(() => planOf(action, selected));
  const [asked, setAsked] = useState(BULK_WORDS[action].consequence !== null);
  const run = useBulkRun(useOrganizationId(), action, plan.allowed);
  const words = BULK_WORDS[action];
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the dialog opens without a question
  useEffect(() => {
    if (!asked) run.start();
  }, []);
  if (asked) {
    const what = plural(plan.allowed.length, "instance");
    return (
      <ConfirmDialog
        open
        onOpenChange={(open) => {
          if (!open) onClose(false);
        }}
        title={words.question(plan.allowed.length === 1 ? (plan.allowed[0]?.name ?? what) : what)}
        description={words.consequence}
        confirmLabel={`${ACTION_WORDS[action].label} ${what}`}
        tone={action === "delete" ? "danger" : "primary"}
        {...(action === "delete" ? { typeToConfirm: `delete ${plan.allowed.length}` } : {})}
        onConfirm={() => {
          setAsked(false);
          run.start();
        }}
      >
        <p className="text-pretty text-ink-2 [overflow-wrap:anywhere]">
          {ACTION_WORDS[action].label}: {namesOf(plan.allowed)}
        </p>
        <Refused plan={plan} />
      </ConfirmDialog>
    );
  }
  const summary = summaryOf(run.items, words);
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => {
        if (open) return;
        run.stop();
        onClose(true);
      }}
      title={`${ACTION_WORDS[action].label} ${plural(plan.allowed.length, "instance")}`}
      description={<span role="status">{summary}</span>}
      footer={
        <>
          {run.sending ? <Button onClick={run.stop}>Send no more</Button> : null}
          <Button
            variant="primary"
            autoFocus
            onClick={() => {
              run.stop();
              onClose(true);
            }}
          >
            Close
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <BulkResults items={run.items} words={words} />
        <Refused plan={plan} />
      </div>
    </Dialog>
  );
}

/** Those that are left alone, each with why. */
function Refused({ plan }: { plan: BulkPlan }) {
  if (plan.refused.length === 0) return null;
  const count = plan.refused.reduce((sum, { instances }) => sum + instances.length, 0);
  return (
    <section aria-label="Left alone" className="rounded-lg border border-line bg-sunken px-3 py-2.5">
      <h3 className="font-medium">{plural(count, "instance")} left alone</h3>
      <ul className="mt-1 flex flex-col gap-1.5 text-[0.8125rem]">
        {plan.refused.map(({ reason, instances }) => (
          <li key={reason} className="text-pretty text-ink-2 [overflow-wrap:anywhere]">
            <span className="font-medium text-ink">{namesOf(instances)}</span>: {reason}
          </li>
        ))}
      </ul>
    </section>
  );
}

function summaryOf(items: readonly BulkItem[], words: { doing: string; done: string }): string {
  const count = (...states: BulkItem["state"][]) => items.filter((item) => states.includes(item.state)).length;
  const going = count("queued", "working");
  const failed = count("refused", "failed", "cancelled");
  const skipped = count("skipped");
  return [
    `${count("succeeded").toLocaleString("en")} of ${items.length.toLocaleString("en")} ${words.done}`,
    ...(going > 0 ? [`${going} under way`] : []),
    ...(failed > 0 ? [`${failed} not`] : []),
    ...(skipped > 0 ? [`${skipped} not asked for`] : []),
  ].join(" · ");
}
