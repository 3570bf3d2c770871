"use client";

import { Search } from "lucide-react";
import { useEffect, useRef } from "react";
import { Input } from "./input";

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}

/** The page's search: "/" puts the cursor there from anywhere, Escape empties it. */
export function SearchField({ label, placeholder, value, onChange }: SearchFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <search className="relative min-w-0 flex-1 basis-56 sm:max-w-xs">
      <Input
        ref={input}
        type="search"
        aria-label={label}
        aria-keyshortcuts="/"
        placeholder={placeholder}
        maxLength={100}
        autoComplete="off"
        spellCheck={false}
        leading={<Search aria-hidden />}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && value !== "") {
            event.preventDefault();
            onChange("");
          }
        }}
        className="peer sm:pr-9"
      />
      {value === "" ? (
        <kbd
          aria-hidden
          className="pointer-events-none absolute inset-y-0 right-2 my-auto hidden h-5 items-center rounded border border-line px-1.5 text-ink-3 text-xs sm:inline-flex"
        >
          /
        </kbd>
      ) : null}
    </search>
  );
}

/** Where "/" is a character, or a dialog has the keyboard. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      "input, textarea, select, [contenteditable], [role='dialog'], [role='alertdialog'], [role='application'], [role='menu']",
    ) !== null
  );
}
