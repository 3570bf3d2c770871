"use client";

import type { ReactNode } from "react";
import { formatBytes, formatShape, plural } from "@/lib/format";
import { Button } from "@/ui/button";
import type { Choices } from "./create-form";

interface SummaryProps {
  name: string;
  chosen: Choices;
  hostName: string | null;
  networkName: string | null;
  hasUserData: boolean;
  pending: boolean;
  refusal: string | null;
  error: ReactNode;
}

/** What Create will make, always in sight: beside the form, or at the foot of a small screen. */
export function Summary({ name, chosen, hostName, networkName, hasUserData, pending, refusal, error }: SummaryProps) {
  const access = [
    chosen.sshKeyIds.length > 0 ? plural(chosen.sshKeyIds.length, "SSH key") : null,
    chosen.password !== null ? "password" : null,
  ].filter(Boolean);
  const lines: readonly (readonly [string, string])[] = [
    ["Image", chosen.image?.name ?? "–"],
    ["Size", chosen.size === null ? "–" : formatShape(chosen.size.vcpus, chosen.size.memoryBytes)],
    ["Disk", chosen.diskBytes === null ? "–" : formatBytes(chosen.diskBytes)],
    ["Host", hostName ?? "Automatic"],
    ["Network", networkName ?? "Automatic"],
    ["Access", access.length === 0 ? "none" : access.join(" and ")],
    ...(hasUserData ? ([["User data", "yes"]] as const) : []),
  ];
  return (
    <aside
      aria-label="Summary"
      className="max-lg:-mx-4 max-lg:sm:-mx-6 z-20 min-w-0 border-line bg-surface max-lg:sticky max-lg:bottom-0 max-lg:border-t max-lg:px-4 max-lg:py-3 max-lg:sm:px-6 lg:sticky lg:top-8 lg:rounded-xl lg:border lg:p-4 lg:shadow-card"
    >
      <h2 className="truncate font-semibold max-lg:sr-only">{name === "" ? "New instance" : name}</h2>
      <dl className="mt-3 mb-4 flex flex-col gap-2 max-lg:hidden">
        {lines.map(([label, value]) => (
          <div key={label} className="flex items-baseline justify-between gap-4">
            <dt className="shrink-0 text-ink-3">{label}</dt>
            <dd className="min-w-0 truncate text-right">{value}</dd>
          </div>
        ))}
      </dl>
      {error ? <div className="mb-3">{error}</div> : null}
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 truncate text-[0.8125rem] text-ink-2 lg:hidden">
          {[chosen.image?.name, chosen.size?.name].filter(Boolean).join(" · ")}
        </p>
        <div className="lg:w-full">
          <Button type="submit" variant="primary" size="lg" className="lg:w-full" loading={pending} disabledReason={refusal}>
            {pending ? "Creating…" : "Create instance"}
          </Button>
        </div>
      </div>
      <p className="mt-2 text-center text-ink-3 text-xs max-lg:hidden">
        or press <kbd className="rounded border border-line bg-sunken px-1 font-sans">Ctrl</kbd>{" "}
        <kbd className="rounded border border-line bg-sunken px-1 font-sans">Enter</kbd>
      </p>
    </aside>
  );
}
