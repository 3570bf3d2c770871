"use client";

import type { ComponentProps } from "react";
import { cn } from "./cn";
import { useFieldControl } from "./field";
import { CONTROL_TEXT, controlClass } from "./input";

interface TextareaProps extends ComponentProps<"textarea"> {
  mono?: boolean;
}

export function Textarea({ mono = false, className, ...rest }: TextareaProps) {
  const field = useFieldControl();
  return (
    <textarea
      spellCheck={!mono}
      {...field}
      {...rest}
      className={cn(
        controlClass,
        "min-h-24 resize-y py-2",
        mono ? "font-mono text-[0.8125rem]" : [CONTROL_TEXT, "leading-relaxed"],
        className,
      )}
    />
  );
}
