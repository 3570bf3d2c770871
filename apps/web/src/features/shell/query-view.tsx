"use client";

import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { SkeletonRows } from "@/ui/skeleton";
import { ErrorNotice } from "./error-notice";

interface QueryLike<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

interface QueryViewProps<T> {
  query: QueryLike<T>;
  /** "instances", "this host": for the error's title and the placeholder's name. */
  what: string;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Placeholder, then the thing, or why not. Data once shown stays while it is asked for again. */
export function QueryView<T>({ query, what, skeleton, children }: QueryViewProps<T>) {
  const t = useTranslations("common");
  if (query.data !== undefined) return children(query.data);
  if (query.error) {
    return <ErrorNotice title={t("couldNotLoad", { what })} error={query.error} onRetry={() => void query.refetch()} className="m-4" />;
  }
  return skeleton ?? <SkeletonRows label={t("loadingNamed", { what })} />;
}
