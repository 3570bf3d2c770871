"use client";

import { type ReactNode, useId } from "react";
import { ignoreEnter } from "./ignore-enter";

interface SwitchProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  label: ReactNode;
  description?: ReactNode;
  disabled?: boolean;
}

/** A checkbox that takes effect at once: the platform's own in our looks. */
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
      <span className="relative mt-0.5 inline-flex h-5 w-9 shrink-0 items-center">
        <input
          id={id}
          type="checkbox"
          // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox says itself whether it is on
          role="switch"
          checked={checked}
          disabled={disabled}
          onChange={(event) => onCheckedChange(event.target.checked)}
          onKeyDown={ignoreEnter}
          aria-describedby={description ? descriptionId : undefined}
          className="peer absolute inset-0 size-full appearance-none rounded-full border border-line-strong bg-line-strong transition-colors checked:border-accent checked:bg-accent disabled:opacity-55"
        />
        <span className="pointer-events-none relative ml-0.5 block size-4 rounded-full bg-white shadow-card transition-transform peer-checked:translate-x-4 peer-disabled:opacity-55" />
      </span>
    </div>
  );
}
