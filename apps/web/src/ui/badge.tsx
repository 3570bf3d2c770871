import type { ReactNode } from "react";
import { cn } from "./cn";
import { TONE_DOT, TONE_SOFT, TONE_TEXT, type Tone } from "./tone";

export function Badge({ tone = "quiet", className, children }: { tone?: Tone; className?: string; children: ReactNode }) {
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1 whitespace-nowrap rounded px-1.5 py-0.5 font-medium text-xs",
        TONE_SOFT[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}

interface StateBadgeProps {
  tone: Tone;
  /** Under way: the dot breathes. */
  active?: boolean;
  className?: string;
  children: ReactNode;
}

/** A dot and a word; the word carries the meaning. */
export function StateBadge({ tone, active = false, className, children }: StateBadgeProps) {
  return (
    <span className={cn("inline-flex items-center gap-2 whitespace-nowrap font-medium", TONE_TEXT[tone], className)}>
      <span aria-hidden className="relative flex size-2 shrink-0">
        {active ? <span className={cn("absolute inset-0 animate-ping rounded-full opacity-60", TONE_DOT[tone])} /> : null}
        <span className={cn("relative size-2 rounded-full", TONE_DOT[tone])} />
      </span>
      {children}
    </span>
  );
}
