"use client";

import * as RadioGroup from "radix-ui/radio-group";
import { type ReactNode, useId } from "react";
import { cn } from "./cn";

export interface RadioCardOption<V extends string> {
  value: V;
  title: ReactNode;
  description?: ReactNode;
  leading?: ReactNode;
  /** Under the description: notes, badges, progress. */
  footer?: ReactNode;
  disabled?: boolean;
}

interface RadioCardsProps<V extends string> {
  label: string;
  value: V | null;
  onValueChange: (value: V) => void;
  options: readonly RadioCardOption<V>[];
  className?: string;
}

/** One choice of a few, each worth a glance. Arrow keys move between them. */
export function RadioCards<V extends string>({ label, value, onValueChange, options, className }: RadioCardsProps<V>) {
  const id = useId();
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value ?? ""}
      onValueChange={(next) => onValueChange(next as V)}
      className={cn("grid grid-cols-1 gap-2.5 sm:grid-cols-2 lg:grid-cols-3", className)}
    >
      {options.map((option, index) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          disabled={option.disabled ?? false}
          aria-labelledby={`${id}-${index}-title`}
          aria-describedby={`${id}-${index}-about`}
          className="group flex min-w-0 items-start gap-3 rounded-lg border border-line bg-surface p-3 text-left shadow-card transition-colors hover:border-line-strong disabled:cursor-not-allowed disabled:bg-sunken disabled:shadow-none disabled:hover:border-line data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft data-[state=checked]:ring-1 data-[state=checked]:ring-accent"
        >
          {option.leading ? <span className="mt-0.5 shrink-0 group-disabled:opacity-60">{option.leading}</span> : null}
          <span className="min-w-0 flex-1">
            <span id={`${id}-${index}-title`} className="block break-words font-medium text-ink group-disabled:text-ink-3">
              {option.title}
            </span>
            <span id={`${id}-${index}-about`} className="block text-[0.8125rem] text-ink-2">
              {option.description}
              {option.footer ? <span className="mt-1.5 block">{option.footer}</span> : null}
            </span>
          </span>
          <span
            aria-hidden
            className="mt-1 flex size-3.5 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface group-disabled:opacity-60 group-data-[state=checked]:border-accent group-data-[state=checked]:bg-accent"
          >
            <span className="hidden size-1.5 rounded-full bg-on-accent group-data-[state=checked]:block" />
          </span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
