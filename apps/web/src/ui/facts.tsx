import type { ReactNode } from "react";
import { cn } from "./cn";

export interface Fact {
  label: string;
  value: ReactNode;
}

/** Names and values, side by side. */
export function Facts({ facts, className }: { facts: readonly Fact[]; className?: string }) {
  return (
    <dl className={cn("grid grid-cols-1 gap-x-6 gap-y-3 sm:grid-cols-2", className)}>
      {facts.map((fact) => (
        <div key={fact.label} className="min-w-0">
          <dt className="text-[0.8125rem] text-ink-3">{fact.label}</dt>
          <dd className="min-w-0 break-words text-ink">{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
