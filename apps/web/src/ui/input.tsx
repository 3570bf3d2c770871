"use client";

import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";
import { useFieldControl } from "./field";

/** What every control of a form looks like, but for the size of its text. */
export const controlClass =
  "w-full min-w-0 rounded-md border border-line-strong bg-surface px-3 text-ink placeholder:text-ink-3 transition-shadow focus-visible:outline-offset-0 disabled:cursor-not-allowed disabled:opacity-60 aria-invalid:border-bad";

/** Under 16 px a phone zooms in on what one types in. */
export const CONTROL_TEXT = "text-base sm:text-sm";

interface InputProps extends ComponentProps<"input"> {
  mono?: boolean;
  /** As high as a small button. */
  compact?: boolean;
  /** Inside the box, before the text. */
  leading?: ReactNode;
}

export function Input({ mono = false, compact = false, leading, className, ...rest }: InputProps) {
  const field = useFieldControl();
  const classes = cn(controlClass, CONTROL_TEXT, compact ? "h-7" : "h-9", mono && "font-mono", leading ? "pl-9" : null, className);
  const input = <input {...field} {...rest} className={classes} />;
  if (!leading) return input;
  return (
    <span className="relative block">
      <span className="pointer-events-none absolute inset-y-0 left-3 flex items-center text-ink-3 [&_svg]:size-4">{leading}</span>
      {input}
    </span>
  );
}
