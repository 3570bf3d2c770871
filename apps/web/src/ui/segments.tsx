"use client";

import * as RadioGroup from "radix-ui/radio-group";

interface SegmentsProps<V extends string> {
  label: string;
  value: V;
  onValueChange: (value: V) => void;
  /** `name` is what a screen reader says where the label is short. */
  options: readonly { value: V; label: string; name?: string }[];
}

/** One choice of a few short words, side by side. Arrow keys move between them. */
export function Segments<V extends string>({ label, value, onValueChange, options }: SegmentsProps<V>) {
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      onValueChange={(next) => onValueChange(next as V)}
      orientation="horizontal"
      className="inline-flex max-w-full overflow-x-auto rounded-lg border border-line bg-sunken p-0.5"
    >
      {options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          aria-label={option.name ?? option.label}
          className="min-h-7 whitespace-nowrap rounded-md px-2.5 font-medium text-[0.8125rem] text-ink-2 hover:text-ink focus-visible:-outline-offset-2 data-[state=checked]:bg-surface data-[state=checked]:text-ink data-[state=checked]:shadow-card"
        >
          {option.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
