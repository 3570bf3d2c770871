"use client";

import { useTranslations } from "use-intl/react";
import { cn } from "./cn";

/** `className` says how large, and how round. */
export function Skeleton({ className }: { className: string }) {
  return <div aria-hidden className={cn("animate-pulse bg-hover", className)} />;
}

/** Rows where a table will be. `label` is what screen readers hear meanwhile. */
export function SkeletonRows({ rows = 4, label }: { rows?: number; label?: string }) {
  const t = useTranslations("common");
  return (
    <div role="status" aria-label={label ?? t("loading")} className="divide-y divide-line">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders
        <div key={index} className="flex h-12 items-center gap-6 px-4">
          <Skeleton className="h-4 w-40 rounded" />
          <Skeleton className="h-4 w-20 rounded" />
          <Skeleton className="hidden h-4 w-32 rounded sm:block" />
          <Skeleton className="ml-auto hidden h-4 w-16 rounded sm:block" />
        </div>
      ))}
    </div>
  );
}
