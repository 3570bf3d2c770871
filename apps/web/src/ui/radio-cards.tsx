"use client";

import { type ReactNode, useId } from "react";
import { cn } from "./cn";
import { ignoreEnter } from "./ignore-enter";

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
  /** Side by side, where there is room. */
  columns?: keyof typeof COLUMNS;
  className?: string;
}

const COLUMNS = { 1: "", 2: "sm:grid-cols-2", 3: "sm:grid-cols-2 lg:grid-cols-3" } as const;

/** One choice of a few, each worth a glance: the platform's own radio buttons, each as large as its card. Arrow keys move between them. */
export function RadioCards<V extends string>({ label, value, onValueChange, options, columns = 3, className }: RadioCardsProps<V>) {
  const id = useId();
  return (
    <div role="radiogroup" aria-label={label} className={cn("grid grid-cols-1 gap-2.5", COLUMNS[columns], className)}>
      {options.map((option, index) => (
        <div
          key={option.value}
          className="group relative flex min-w-0 items-start gap-3 rounded-lg border border-line bg-surface p-3 text-left shadow-card transition-colors not-has-checked:has-enabled:hover:border-line-strong has-checked:border-accent has-checked:bg-accent-soft has-disabled:shadow-none not-has-checked:has-disabled:bg-sunken has-focus-visible:outline-2 has-focus-visible:outline-accent-ink has-focus-visible:outline-offset-2 has-checked:ring-1 has-checked:ring-accent"
        >
          <input
            type="radio"
            name={id}
            value={option.value}
            checked={option.value === value}
            disabled={option.disabled ?? false}
            onChange={() => onValueChange(option.value)}
            onKeyDown={ignoreEnter}
            aria-labelledby={`${id}-${index}-title`}
            aria-describedby={`${id}-${index}-about`}
            className="absolute inset-0 z-1 size-full cursor-pointer appearance-none rounded-lg outline-none disabled:cursor-not-allowed"
          />
          {option.leading ? <span className="mt-0.5 shrink-0 group-has-disabled:opacity-60">{option.leading}</span> : null}
          <span className="min-w-0 flex-1">
            <span id={`${id}-${index}-title`} className="block break-words font-medium text-ink group-has-disabled:text-ink-3">
              {option.title}
            </span>
            <span id={`${id}-${index}-about`} className="block text-[0.8125rem] text-ink-2">
              {option.description}
              {option.footer ? <span className="mt-1.5 block">{option.footer}</span> : null}
            </span>
          </span>
          <span
            aria-hidden
            className="mt-1 flex size-3.5 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface group-has-checked:border-accent group-has-checked:bg-accent group-has-disabled:opacity-60"
          >
            <span className="hidden size-1.5 rounded-full bg-on-accent group-has-checked:block" />
          </span>
        </div>
      ))}
    </div>
  );
}
