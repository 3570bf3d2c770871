"use client";

import { useTranslations } from "use-intl/react";
import { cn } from "./cn";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn("h-4 animate-pulse rounded bg-hover", className)} />;
}

/** Rows where a table will be. `label` is what screen readers hear meanwhile. */
export function SkeletonRows({ rows = 4, label }: { rows?: number; label?: string }) {
  const t = useTranslations("common");
  return (
    <div role="status" aria-label={label ?? t("loading")} className="divide-y divide-line">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders
        <div key={index} className="flex h-12 items-center gap-6 px-4">
          <Skeleton className="w-40" />
          <Skeleton className="w-20" />
          <Skeleton className="hidden w-32 sm:block" />
          <Skeleton className="ml-auto hidden w-16 sm:block" />
        </div>
      ))}
    </div>
  );
}
