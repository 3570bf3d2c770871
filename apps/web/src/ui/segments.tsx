"use client";

import { useId } from "react";
import { ignoreEnter } from "./ignore-enter";

interface SegmentsProps<V extends string> {
  label: string;
  value: V;
  onValueChange: (value: V) => void;
  /** `name` is what a screen reader says where the label is short. */
  options: readonly { value: V; label: string; name?: string }[];
}

/** One choice of a few short words, side by side: the platform's own radio buttons, each as large as its word. Arrow keys move between them. */
export function Segments<V extends string>({ label, value, onValueChange, options }: SegmentsProps<V>) {
  const id = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex max-w-full overflow-x-auto rounded-lg border border-line bg-sunken p-0.5"
    >
      {options.map((option) => (
        <span
          key={option.value}
          className="relative inline-flex min-h-7 items-center whitespace-nowrap rounded-md px-2.5 font-medium text-[0.8125rem] text-ink-2 hover:text-ink has-checked:bg-surface has-checked:text-ink has-checked:shadow-card"
        >
          <input
            type="radio"
            name={id}
            value={option.value}
            checked={option.value === value}
            onChange={() => onValueChange(option.value)}
            onKeyDown={ignoreEnter}
            aria-label={option.name ?? option.label}
            className="absolute inset-0 size-full cursor-pointer appearance-none rounded-md focus-visible:-outline-offset-2"
          />
          <span aria-hidden>{option.label}</span>
        </span>
      ))}
    </div>
  );
}
