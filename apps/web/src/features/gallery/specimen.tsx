import type { ReactNode } from "react";

/** A part of the gallery: what one file of ui/ has to show. */
export function Specimens({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex min-w-0 flex-col gap-4 border-line border-t py-6">
      <h2 className="font-semibold text-base">{title}</h2>
      {children}
    </section>
  );
}

/** One component in its states, side by side. */
export function Specimen({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <h3 className="mb-2 font-mono text-ink-3 text-xs">{name}</h3>
      <div className="flex min-w-0 flex-wrap items-start gap-3">{children}</div>
    </div>
  );
}
