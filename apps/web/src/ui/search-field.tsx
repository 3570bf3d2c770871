"use client";

import { Search } from "lucide-react";
import { Input } from "./input";

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}

/** The page's search: "/" puts the cursor there (the shell's shortcuts see to it), Escape empties it. */
export function SearchField({ label, placeholder, value, onChange }: SearchFieldProps) {
  return (
    <search className="relative min-w-0 flex-1 basis-56 max-sm:basis-full sm:max-w-xs">
      <Input
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
