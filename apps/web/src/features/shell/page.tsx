"use client";

import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useEffect } from "react";
import { useTranslations } from "use-intl/react";
import { cn } from "@/ui/cn";
import { PageHeader } from "@/ui/page-header";

export interface Crumb {
  label: string;
  href: string;
}

interface PageProps {
  title: ReactNode;
  /** The tab's title; needed when `title` is not a string. */
  documentTitle?: string;
  crumbs?: readonly Crumb[];
  badges?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  width?: "normal" | "wide";
  children: ReactNode;
}

/** The frame of every page of the dashboard: where one is, what it is, what can be done, and the thing itself. */
export function Page({ title, documentTitle, crumbs = [], badges, description, actions, width = "normal", children }: PageProps) {
  const t = useTranslations("shell.frame");
  const tabTitle = documentTitle ?? (typeof title === "string" ? title : null);
  useEffect(() => {
    if (tabTitle === null) return;
    const keep = () => {
      const wanted = `${tabTitle} · Indium`;
      if (document.title !== wanted) document.title = wanted;
    };
    keep();
    // After a navigation the framework puts the layout's own title in, and that may come later than this.
    const changed = new MutationObserver(keep);
    changed.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => changed.disconnect();
  }, [tabTitle]);
  return (
    <div className={cn("mx-auto w-full px-4 py-6 sm:px-6 lg:px-8 lg:py-8", width === "wide" ? "max-w-7xl" : "max-w-6xl")}>
      {crumbs.length > 0 ? (
        <nav aria-label={t("breadcrumb")} className="mb-2">
          <ol className="flex flex-wrap items-center gap-1 text-[0.8125rem] text-ink-3">
            {crumbs.map((crumb) => (
              <li key={crumb.href} className="flex min-w-0 items-center gap-1">
                <Link href={crumb.href} className="truncate rounded hover:text-ink hover:underline">
                  {crumb.label}
                </Link>
                <ChevronRight aria-hidden className="size-3.5 shrink-0" />
              </li>
            ))}
            {tabTitle === null ? null : (
              <li aria-current="page" className="truncate text-ink-2">
                {tabTitle}
              </li>
            )}
          </ol>
        </nav>
      ) : null}
      <PageHeader title={title} badges={badges} description={description} actions={actions} />
      {children}
    </div>
  );
}
