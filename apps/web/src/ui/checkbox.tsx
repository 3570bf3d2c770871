"use client";

import { Check } from "lucide-react";
import { type ReactNode, useId } from "react";
import { cn } from "./cn";
import { ignoreEnter } from "./ignore-enter";

interface CheckboxProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  label: ReactNode;
  description?: ReactNode;
  disabled?: boolean;
  className?: string;
}

/** The platform's own in our looks. */
export function Checkbox({ checked, onCheckedChange, label, description, disabled = false, className }: CheckboxProps) {
  const id = useId();
  const descriptionId = `${id}-description`;
  return (
    <div className={cn("flex items-start gap-2.5", className)}>
      <span className="relative mt-0.5 flex size-4 shrink-0 items-center justify-center">
        <input
          id={id}
          type="checkbox"
          checked={checked}
          disabled={disabled}
          onChange={(event) => onCheckedChange(event.target.checked)}
          onKeyDown={ignoreEnter}
          aria-describedby={description ? descriptionId : undefined}
          className="peer absolute inset-0 size-full appearance-none rounded-[4px] border border-line-strong bg-surface checked:border-accent checked:bg-accent disabled:opacity-55"
        />
        <Check
          aria-hidden
          className="pointer-events-none relative hidden size-3 text-on-accent peer-checked:block peer-disabled:opacity-55"
          strokeWidth={3}
        />
      </span>
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
