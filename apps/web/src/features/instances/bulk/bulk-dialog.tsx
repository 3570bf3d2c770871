"use client";

import type { BulkAction, InstanceListItem } from "@indium/contract/api/instance-views";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useOrganizationId } from "@/features/shell/organization-context";
import type { Format } from "@/lib/i18n/format";
import { useFormat } from "@/lib/i18n/use-format";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { Dialog } from "@/ui/dialog";
import { useActionDenial } from "../action-denial";
import { type BulkPlan, namesOf, planOf } from "./bulk-plan";
import { BulkResults } from "./bulk-results";
import { type BulkItem, useBulkRun } from "./use-bulk-run";

interface BulkDialogProps {
  action: BulkAction;
  selected: readonly InstanceListItem[];
  /** `done`: something was asked for, so the selection has served. */
  onClose: (done: boolean) => void;
}

/** Where the guests' work is at stake it is asked first. */
const asksFirst = (action: BulkAction): action is Exclude<BulkAction, "start"> => action !== "start";

/** One action on what is selected: what it comes to, the question where guests' work is at stake, and how each of them fared. */
export function BulkDialog({ action, selected, onClose }: BulkDialogProps) {
  const t = useTranslations("instancesBulk");
  const common = useTranslations("common");
  const label = useTranslations("instances.actions");
  const format = useFormat();
  // What was selected when the button was pressed: the list beneath goes on changing.
  const [plan] = useState<BulkPlan<InstanceListItem>>(() => planOf(action, selected));
  const [asked, setAsked] = useState(asksFirst(action));
  const run = useBulkRun(useOrganizationId(), action, plan.allowed);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the dialog opens without a question
  useEffect(() => {
    if (!asked) run.start();
  }, []);
  const count = plan.allowed.length;
  const [only] = plan.allowed;
  if (asked && asksFirst(action)) {
    return (
      <ConfirmDialog
        open
        onOpenChange={(open) => {
          if (!open) onClose(false);
        }}
        title={count === 1 && only !== undefined ? t(`ask.${action}.one`, { name: only.name }) : t(`ask.${action}.many`, { count })}
        description={t(`ask.${action}.consequence`)}
        confirmLabel={t(`act.${action}`, { count })}
        tone={action === "delete" ? "danger" : "primary"}
        {...(action === "delete" ? { typeToConfirm: t("typeToDelete", { count: String(count) }) } : {})}
        onConfirm={() => {
          setAsked(false);
          run.start();
        }}
      >
        <p className="text-pretty text-ink-2 [overflow-wrap:anywhere]">
          {label(action)}: {namesOf(plan.allowed, t, format)}
        </p>
        <Refused action={action} plan={plan} />
      </ConfirmDialog>
    );
  }
  const summary = summaryOf(run.items, action, t, format);
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => {
        if (open) return;
        run.stop();
        onClose(true);
      }}
      title={t(`act.${action}`, { count })}
      description={<span role="status">{summary}</span>}
      footer={
        <>
          {run.sending ? <Button onClick={run.stop}>{t("sendNoMore")}</Button> : null}
          <Button
            variant="primary"
            autoFocus
            onClick={() => {
              run.stop();
              onClose(true);
            }}
          >
            {common("close")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <BulkResults items={run.items} action={action} />
        <Refused action={action} plan={plan} />
      </div>
    </Dialog>
  );
}

/** Those that are left alone, each with why. */
function Refused({ action, plan }: { action: BulkAction; plan: BulkPlan }) {
  const denialOf = useActionDenial();
  const t = useTranslations("instancesBulk");
  const format = useFormat();
  if (plan.refused.length === 0) return null;
  const count = plan.refused.reduce((sum, { instances }) => sum + instances.length, 0);
  return (
    <section aria-label={t("leftAlone")} className="rounded-lg border border-line bg-sunken px-3 py-2.5">
      <h3 className="font-medium">{t("countLeftAlone", { count })}</h3>
      <ul className="mt-1 flex flex-col gap-1.5 text-[0.8125rem]">
        {plan.refused.map(({ reason, instances }) => (
          <li key={reason} className="text-pretty text-ink-2 [overflow-wrap:anywhere]">
            <span className="font-medium text-ink">{namesOf(instances, t, format)}</span>: {denialOf(action, { allowed: false, reason })}
          </li>
        ))}
      </ul>
    </section>
  );
}

function summaryOf(
  items: readonly BulkItem[],
  action: BulkAction,
  t: ReturnType<typeof useTranslations<"instancesBulk">>,
  format: Format,
): string {
  const count = (...states: BulkItem["state"][]) => items.filter((item) => states.includes(item.state)).length;
  const going = count("queued", "working");
  const failed = count("refused", "failed", "cancelled");
  const skipped = count("skipped");
  return [
    t(`summary.${action}`, { done: format.count(count("succeeded")), total: format.count(items.length) }),
    ...(going > 0 ? [t("summary.underWay", { count: format.count(going) })] : []),
    ...(failed > 0 ? [t("summary.failed", { count: format.count(failed) })] : []),
    ...(skipped > 0 ? [t("summary.skipped", { count: format.count(skipped) })] : []),
  ].join(" · ");
}
