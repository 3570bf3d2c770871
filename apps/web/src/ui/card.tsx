import type { ReactNode } from "react";
import { cn } from "./cn";

export function Card({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={cn("min-w-0 rounded-xl border border-line bg-surface shadow-card", className)}>{children}</div>;
}

interface SectionProps {
  title: ReactNode;
  description?: ReactNode;
  aside?: ReactNode;
  className?: string;
  /** Without padding: tables and lists bring their own. */
  flush?: boolean;
  id?: string;
  children: ReactNode;
}

/** A card with a heading: the unit pages are made of. */
export function Section({ title, description, aside, className, flush = false, id, children }: SectionProps) {
  return (
    <section id={id} className={cn("min-w-0 rounded-xl border border-line bg-surface shadow-card", className)}>
      <header className="flex min-h-12 flex-wrap items-center justify-between gap-x-4 gap-y-2 border-line border-b px-4 py-2.5">
        <div className="min-w-0">
          <h2 className="font-semibold text-ink">{title}</h2>
          {description ? <p className="text-[0.8125rem] text-ink-3">{description}</p> : null}
        </div>
        {aside}
      </header>
      <div className={cn(flush ? "" : "p-4")}>{children}</div>
    </section>
  );
}
