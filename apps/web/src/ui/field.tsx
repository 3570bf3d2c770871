"use client";

import { createContext, type ReactNode, useContext, useId } from "react";
import { useTranslations } from "use-intl/react";
import { cn } from "./cn";

interface FieldContextValue {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
}
const FieldContext = createContext<FieldContextValue | null>(null);

interface FieldProps {
  label: ReactNode;
  /** A quiet line under the control. */
  hint?: ReactNode;
  /** What is wrong and how to put it right; announced when it appears. */
  error?: string | null | undefined;
  optional?: boolean;
  /** Beside the label, at the end of the line. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A label, a control and what there is to say about it, tied together for assistive technology. */
export function Field({ label, hint, error, optional = false, aside, className, children }: FieldProps) {
  const t = useTranslations("ui");
  const id = useId();
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const describedBy = [error ? errorId : null, hint ? hintId : null].filter(Boolean).join(" ") || undefined;
  return (
    <FieldContext.Provider value={{ id, describedBy, invalid: Boolean(error) }}>
      <div className={cn("flex min-w-0 flex-col gap-1.5", className)}>
        <div className="flex items-baseline justify-between gap-3">
          <label htmlFor={id} className="font-medium text-ink">
            {label}
            {optional ? <span className="ml-1.5 font-normal text-ink-3">{t("optional")}</span> : null}
          </label>
          {aside}
        </div>
        {children}
        <div aria-live="polite" className="empty:hidden">
          {error ? (
            <p id={errorId} className="text-bad">
              {error}
            </p>
          ) : null}
        </div>
        {hint ? (
          <p id={hintId} className="text-ink-3 text-[0.8125rem]">
            {hint}
          </p>
        ) : null}
      </div>
    </FieldContext.Provider>
  );
}

/** The attributes a control takes from the Field around it. A control may stand alone too (give it an aria-label then). */
export function useFieldControl(): { id?: string; "aria-describedby"?: string; "aria-invalid"?: true } {
  const field = useContext(FieldContext);
  if (field === null) return {};
  return {
    id: field.id,
    ...(field.describedBy === undefined ? {} : { "aria-describedby": field.describedBy }),
    ...(field.invalid ? { "aria-invalid": true } : {}),
  };
}
