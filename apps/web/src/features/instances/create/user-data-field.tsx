"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTRPC } from "@/lib/trpc";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/textarea";

const DEBOUNCE_MS = 350;
const KIND = {
  empty: "",
  "cloud-config": "Read as cloud-config.",
  script: "Read as a script.",
  unknown: "Not a format cloud-init is known to read.",
};

interface UserDataFieldProps {
  label?: string;
  optional?: boolean;
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
  /** True while an error would keep cloud-init from reading it. */
  onVerdict: (hasErrors: boolean) => void;
}

/** User data, checked while it is typed; a press on a finding goes to its place in the text. */
export function UserDataField({ label = "User data", optional = true, value, onChange, error, onVerdict }: UserDataFieldProps) {
  const trpc = useTRPC();
  const wrapper = useRef<HTMLDivElement>(null);
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  const check = useQuery({
    ...trpc.instance.checkUserData.queryOptions({ userData: settled }),
    enabled: settled.trim() !== "",
    placeholderData: keepPreviousData,
  });
  const found = value.trim() === "" ? undefined : check.data;
  const hasErrors = found?.problems.some((problem) => problem.severity === "error") ?? false;
  useEffect(() => onVerdict(hasErrors), [hasErrors, onVerdict]);

  const goTo = (line: number, column: number) => {
    const area = wrapper.current?.querySelector("textarea");
    if (!area) return;
    const position =
      value
        .split("\n")
        .slice(0, line - 1)
        .reduce((sum, each) => sum + each.length + 1, 0) +
      column -
      1;
    area.focus();
    area.setSelectionRange(position, position);
  };

  return (
    <div ref={wrapper}>
      <Field
        label={label}
        optional={optional}
        error={error}
        hint="cloud-config (starts with #cloud-config) or a script (starts with #!). Runs once, at the first boot."
      >
        <Textarea
          mono
          rows={8}
          placeholder={"#cloud-config\npackages:\n  - htop"}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </Field>
      <div aria-live="polite" className="mt-2 empty:hidden">
        {found === undefined || found.kind === "empty" ? null : found.problems.length === 0 ? (
          <p className="flex items-center gap-1.5 text-[0.8125rem] text-good">
            <CircleCheck aria-hidden className="size-4" />
            {KIND[found.kind]} No problems found.
          </p>
        ) : (
          <ul aria-label="Findings" className="flex flex-col gap-1">
            {found.problems.map((problem) => (
              <li key={`${problem.line}:${problem.column}:${problem.message}`}>
                <button
                  type="button"
                  onClick={() => goTo(problem.line, problem.column)}
                  className="flex w-full items-start gap-2 rounded-md px-2 py-1 text-left hover:bg-hover"
                >
                  {problem.severity === "error" ? (
                    <CircleAlert aria-label="Error" className="mt-0.5 size-4 shrink-0 text-bad" />
                  ) : (
                    <TriangleAlert aria-label="Warning" className="mt-0.5 size-4 shrink-0 text-warn" />
                  )}
                  <span className="tabular shrink-0 font-mono text-[0.8125rem] text-ink-3">
                    {problem.line}:{problem.column}
                  </span>
                  <span className="min-w-0 break-words">{problem.message}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
