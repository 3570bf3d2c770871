"use client";

import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "./cn";
import { useFieldControl } from "./field";
import { CONTROL_TEXT, controlClass } from "./input";

/** The platform's own list: right on a phone, by keyboard and for screen readers without a line of script. */
export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  const field = useFieldControl();
  return (
    <span className={cn("relative block", className)}>
      <select
        {...field}
        {...rest}
        className={cn(controlClass, CONTROL_TEXT, "h-9 cursor-pointer appearance-none truncate pr-9 [&>option]:bg-raised")}
      >
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-ink-3" />
    </span>
  );
}
