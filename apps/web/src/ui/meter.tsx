// biome-ignore-all lint/a11y/useSemanticElements: <meter> cannot be styled alike in all browsers
import type { ReactNode } from "react";
import { cn } from "./cn";

interface MeterProps {
  label: string;
  /** 0..1 */
  value: number | null;
  /** The numbers in words: "3.1 of 16 GiB". */
  text: ReactNode;
  /** Part of the scale that is promised but not used yet, 0..1. */
  reserved?: number;
  compact?: boolean;
  /** Where a column's heading says what it is; screen readers are told all the same. */
  labelHidden?: boolean;
  /** Full is nothing to warn of: what was promised may be used. */
  calm?: boolean;
  className?: string;
}

/** How full something is. Warns by colour from 80 %, critical from 92 %; the numbers stand beside it. */
export function Meter({ label, value, text, reserved, compact = false, labelHidden = false, calm = false, className }: MeterProps) {
  const fraction = value === null ? 0 : Math.min(1, Math.max(0, value));
  const colour = calm ? "bg-accent" : fraction >= 0.92 ? "bg-bad-dot" : fraction >= 0.8 ? "bg-warn-dot" : "bg-accent";
  return (
    <div className={cn("min-w-0", className)}>
      <div className={cn("flex items-baseline justify-between gap-3", compact ? "text-xs" : "text-[0.8125rem]")}>
        {labelHidden ? null : <span className="text-ink-3">{label}</span>}
        <span className="tabular truncate text-ink-2">{value === null ? "–" : text}</span>
      </div>
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(fraction * 100)}
        className={cn("relative mt-1 overflow-hidden rounded-full bg-hover", compact ? "h-1" : "h-1.5")}
      >
        {reserved === undefined ? null : (
          <div className="absolute inset-y-0 left-0 rounded-full bg-accent-line" style={{ width: `${Math.min(1, reserved) * 100}%` }} />
        )}
        <div
          className={cn("absolute inset-y-0 left-0 rounded-full transition-[width] duration-700", colour)}
          style={{ width: `${fraction * 100}%` }}
        />
      </div>
    </div>
  );
}
