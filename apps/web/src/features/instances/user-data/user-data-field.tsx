"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { BookOpen, CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useTRPC } from "@/lib/trpc";
import { Button } from "@/ui/button";
import { CodeEditor, type CodeEditorHandle, type CodeProblem } from "@/ui/code-editor";
import { Menu, MenuItem } from "@/ui/dropdown-menu";
import { Field } from "@/ui/field";
import { USER_DATA_EXAMPLES } from "./examples";

const DEBOUNCE_MS = 350;
const NOTHING: readonly CodeProblem[] = [];

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
export function UserDataField({ label: given, optional = true, value, onChange, error, onVerdict }: UserDataFieldProps) {
  const t = useTranslations("userData");
  const label = given ?? t("label");
  const trpc = useTRPC();
  const editor = useRef<CodeEditorHandle>(null);
  const [replaced, setReplaced] = useState<string | null>(null);
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

  return (
    <div>
      <Field
        label={label}
        optional={optional}
        error={error}
        hint={t("hint")}
        aside={
          <Menu
            className="w-80"
            trigger={
              <Button size="sm" variant="ghost">
                <BookOpen aria-hidden />
                {t("examples")}
              </Button>
            }
          >
            {USER_DATA_EXAMPLES.map((example) => (
              <MenuItem
                key={example.id}
                onSelect={() => {
                  const isOther = value.trim() !== "" && !USER_DATA_EXAMPLES.some((each) => each.text === value);
                  setReplaced(isOther ? value : null);
                  onChange(example.text);
                }}
              >
                {t(`example.${example.id}.name`)}
                <span className="block text-ink-3 text-xs">{t(`example.${example.id}.about`)}</span>
              </MenuItem>
            ))}
          </Menu>
        }
      >
        <CodeEditor
          label={label}
          value={value}
          onChange={onChange}
          // same in every language: it is code
          placeholder={"#cloud-config\npackages:\n  - htop"}
          language={value.startsWith("#!") ? "plain" : "yaml"}
          problems={found?.problems ?? NOTHING}
          handle={editor}
        />
      </Field>
      {replaced === null ? null : (
        <p role="status" className="mt-2 text-[0.8125rem] text-ink-2">
          {t("replaced")}{" "}
          <button
            type="button"
            className="rounded font-medium text-accent-ink hover:underline"
            onClick={() => {
              onChange(replaced);
              setReplaced(null);
            }}
          >
            {t("putBack")}
          </button>
        </p>
      )}
      <div aria-live="polite" className="mt-2 empty:hidden">
        {found === undefined || found.kind === "empty" ? null : found.problems.length === 0 ? (
          <p className="flex items-center gap-1.5 text-[0.8125rem] text-good">
            <CircleCheck aria-hidden className="size-4" />
            {t(`good.${found.kind}`)}
          </p>
        ) : (
          <ul aria-label={t("findings")} className="flex flex-col gap-1">
            {found.problems.map((problem) => (
              <li key={`${problem.line}:${problem.column}:${problem.message}`}>
                <button
                  type="button"
                  onClick={() => editor.current?.goTo(problem.line, problem.column)}
                  className="flex w-full items-start gap-2 rounded-md px-2 py-1 text-left hover:bg-hover"
                >
                  {problem.severity === "error" ? (
                    <CircleAlert aria-label={t("error")} className="mt-0.5 size-4 shrink-0 text-bad" />
                  ) : (
                    <TriangleAlert aria-label={t("warning")} className="mt-0.5 size-4 shrink-0 text-warn" />
                  )}
                  <span className="tabular shrink-0 font-mono text-[0.8125rem] text-ink-3">
                    {problem.line}:{problem.column}
                  </span>
                  <span lang="en" className="min-w-0 break-words">
                    {problem.message}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      {found?.kind === "cloud-config" ? (
        <p className="mt-2 text-[0.8125rem] text-ink-3">
          {found.schemaVersion === null ? t("yamlOnly") : t("checked", { version: found.schemaVersion })}
        </p>
      ) : null}
    </div>
  );
}
