"use client";

import type { BulkAction } from "@indium/contract/api/instance-views";
import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useOrganizationId } from "@/features/shell/organization-context";
import { paths } from "@/lib/path-builder";
import { StateBadge } from "@/ui/badge";
import type { Tone } from "@/ui/tone";
import type { BulkItem } from "./use-bulk-run";

interface BulkResultsProps {
  items: readonly BulkItem[];
  action: BulkAction;
}

/** One line an instance: how it stands, and in the server's or the host's own words why it did not go through. */
export function BulkResults({ items, action }: BulkResultsProps) {
  const t = useTranslations("instancesBulk");
  const organizationId = useOrganizationId();
  return (
    <ul aria-label={t("results")} className="max-h-80 divide-y divide-line overflow-y-auto rounded-lg border border-line">
      {items.map((item) => {
        const { label, tone, active } = standing(item, action, t);
        const message = messageOf(item);
        return (
          <li key={item.instance.id} className="px-3 py-2 [content-visibility:auto]">
            <div className="flex items-baseline justify-between gap-4">
              <Link
                href={paths.instance(organizationId, item.instance.id)}
                className="min-w-0 truncate rounded font-medium hover:underline"
              >
                {item.instance.name}
              </Link>
              <StateBadge tone={tone} active={active}>
                {label}
              </StateBadge>
            </div>
            {message === null ? null : <p className="text-pretty text-[0.8125rem] text-ink-2 [overflow-wrap:anywhere]">{message}</p>}
          </li>
        );
      })}
    </ul>
  );
}

function standing(
  item: BulkItem,
  action: BulkAction,
  t: ReturnType<typeof useTranslations<"instancesBulk">>,
): { label: string; tone: Tone; active: boolean } {
  switch (item.state) {
    case "queued":
      return { label: t("queued"), tone: "quiet", active: true };
    case "skipped":
      return { label: t("skipped"), tone: "quiet", active: false };
    case "refused":
      return { label: t("refused"), tone: "bad", active: false };
    case "working":
      return item.operation?.state === "waiting"
        ? { label: t("waiting"), tone: "warn", active: true }
        : { label: t(`doing.${action}`), tone: "accent", active: true };
    case "succeeded":
      return { label: t(`done.${action}`), tone: "good", active: false };
    case "failed":
      return { label: t("failed"), tone: "bad", active: false };
    case "cancelled":
      return { label: t("cancelled"), tone: "quiet", active: false };
  }
}

function messageOf(item: BulkItem): string | null {
  switch (item.state) {
    case "refused":
      return item.error.message;
    case "working":
      return item.operation?.waiting ?? null;
    case "failed":
    case "cancelled":
      return item.operation.error?.message ?? null;
    case "queued":
    case "skipped":
    case "succeeded":
      return null;
  }
}
