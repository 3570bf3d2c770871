"use client";

import Link from "next/link";
import { useOrganizationId } from "@/features/shell/organization-context";
import { paths } from "@/lib/path-builder";
import { StateBadge } from "@/ui/badge";
import type { Tone } from "@/ui/tone";
import type { BulkItem } from "./use-bulk-run";

interface BulkResultsProps {
  items: readonly BulkItem[];
  words: { doing: string; done: string };
}

/** One line an instance: how it stands, and in the server's or the host's own words why it did not go through. */
export function BulkResults({ items, words }: BulkResultsProps) {
  const organizationId = useOrganizationId();
  return (
    <ul aria-label="Results" className="max-h-80 divide-y divide-line overflow-y-auto rounded-lg border border-line">
      {items.map((item) => {
        const { label, tone, active } = standing(item, words);
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

function standing(item: BulkItem, words: { doing: string; done: string }): { label: string; tone: Tone; active: boolean } {
  switch (item.state) {
    case "queued":
      return { label: "Queued", tone: "quiet", active: true };
    case "skipped":
      return { label: "Not asked for", tone: "quiet", active: false };
    case "refused":
      return { label: "Refused", tone: "bad", active: false };
    case "working":
      return item.operation?.state === "waiting"
        ? { label: "Waiting", tone: "warn", active: true }
        : { label: words.doing, tone: "accent", active: true };
    case "succeeded":
      return { label: capital(words.done), tone: "good", active: false };
    case "failed":
      return { label: "Failed", tone: "bad", active: false };
    case "cancelled":
      return { label: "Cancelled", tone: "quiet", active: false };
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

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
