"use client";

import { Check } from "lucide-react";
import * as Radix from "radix-ui/checkbox";
import { type ReactNode, useId } from "react";
import { cn } from "./cn";

interface CheckboxProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  label: ReactNode;
  description?: ReactNode;
  disabled?: boolean;
  className?: string;
}

export function Checkbox({ checked, onCheckedChange, label, description, disabled = false, className }: CheckboxProps) {
  const id = useId();
  const descriptionId = `${id}-description`;
  return (
    <div className={cn("flex items-start gap-2.5", className)}>
      <Radix.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(value) => onCheckedChange(value === true)}
        aria-describedby={description ? descriptionId : undefined}
        className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-[4px] border border-line-strong bg-surface text-on-accent disabled:opacity-55 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <Radix.Indicator>
          <Check aria-hidden className="size-3" strokeWidth={3} />
        </Radix.Indicator>
      </Radix.Root>
      <div className="min-w-0">
        <label htmlFor={id} className="cursor-pointer text-ink">
          {label}
        </label>
        {description ? (
          <p id={descriptionId} className="text-pretty text-[0.8125rem] text-ink-3 [overflow-wrap:anywhere]">
            {description}
          </p>
        ) : null}
      </div>
    </div>
  );
}
