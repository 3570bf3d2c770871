"use client";

import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { cn } from "./cn";

type AlertTone = "info" | "warn" | "bad" | "good";

const ICON = { info: Info, warn: TriangleAlert, bad: CircleAlert, good: CircleCheck } as const;
const LOOK: Record<AlertTone, string> = {
  info: "bg-info-soft [&>svg]:text-info",
  warn: "bg-warn-soft [&>svg]:text-warn",
  bad: "bg-bad-soft [&>svg]:text-bad",
  good: "bg-good-soft [&>svg]:text-good",
};

interface AlertProps {
  tone?: AlertTone;
  title?: ReactNode;
  /** The failing program's own words, folded away. */
  detail?: string | null | undefined;
  action?: ReactNode;
  className?: string;
  children?: ReactNode;
}

export function Alert({ tone = "info", title, detail, action, className, children }: AlertProps) {
  const Icon = ICON[tone];
  return (
    <div
      role={tone === "bad" ? "alert" : "status"}
      className={cn("flex min-w-0 items-start gap-3 rounded-lg px-3.5 py-3 text-ink", LOOK[tone], className)}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">
        {title ? <p className="font-semibold">{title}</p> : null}
        {children ? <div className="text-pretty break-words text-ink-2">{children}</div> : null}
        {detail ? <Details>{detail}</Details> : null}
        {action ? <div className="mt-2.5 flex flex-wrap gap-2">{action}</div> : null}
      </div>
    </div>
  );
}

function Details({ children }: { children: string }) {
  const t = useTranslations("ui");
  return (
    <details className="mt-2">
      <summary className="w-fit rounded text-[0.8125rem] text-ink-2 underline-offset-2 hover:underline">{t("whatItSaid")}</summary>
      <pre
        lang="en"
        className="mt-2 max-h-64 overflow-auto whitespace-pre-wrap break-words rounded-md border border-line bg-sunken p-3 font-mono text-ink text-xs"
      >
        {children}
      </pre>
    </details>
  );
}
