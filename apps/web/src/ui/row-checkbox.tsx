"use client";

import { type MouseEvent, useEffect, useRef } from "react";

interface RowCheckboxProps {
  label: string;
  checked: boolean;
  /** Some of what it stands for, not all. */
  some?: boolean;
  disabled?: boolean;
  /** `range`: Shift was held, for everything from the last one chosen. */
  onToggle: (range: boolean) => void;
}

/** A checkbox without words beside it: the row is its label. The platform's own, so that Shift works by mouse and by keyboard. */
export function RowCheckbox({ label, checked, some = false, disabled = false, onToggle }: RowCheckboxProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current !== null) input.current.indeterminate = some && !checked;
  }, [some, checked]);
  return (
    <span className="inline-flex size-10 items-center justify-center sm:size-6">
      <input
        ref={input}
        type="checkbox"
        aria-label={label}
        checked={checked}
        disabled={disabled}
        onChange={() => {}}
        onClick={(event: MouseEvent<HTMLInputElement>) => onToggle(event.shiftKey)}
        // Shift and a click would mark the text between.
        onMouseDown={(event) => {
          if (event.shiftKey) event.preventDefault();
        }}
        className="size-4 cursor-pointer rounded accent-accent max-sm:size-5"
      />
    </span>
  );
}
