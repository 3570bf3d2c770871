"use client";

import * as Radix from "radix-ui/switch";
import { type ReactNode, useId } from "react";

interface SwitchProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  label: ReactNode;
  description?: ReactNode;
  disabled?: boolean;
}

export function Switch({ checked, onCheckedChange, label, description, disabled = false }: SwitchProps) {
  const id = useId();
  const descriptionId = `${id}-description`;
  return (
    <div className="flex items-start justify-between gap-4">
      <div className="min-w-0">
        <label htmlFor={id} className="cursor-pointer font-medium text-ink">
          {label}
        </label>
        {description ? (
          <p id={descriptionId} className="text-[0.8125rem] text-ink-3">
            {description}
          </p>
        ) : null}
      </div>
      <Radix.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onCheckedChange}
        aria-describedby={description ? descriptionId : undefined}
        className="mt-0.5 inline-flex h-5 w-9 shrink-0 items-center rounded-full border border-line-strong bg-line-strong p-px transition-colors disabled:opacity-55 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <Radix.Thumb className="block size-4 rounded-full bg-white shadow-card transition-transform data-[state=checked]:translate-x-4" />
      </Radix.Root>
    </div>
  );
}
