"use client";

import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, type ReactNode, useState } from "react";
import { useTranslations } from "use-intl/react";
import { cn } from "./cn";
import { useFieldControl } from "./field";

/** What every control of a form looks like, but for the size of its text. */
export const controlClass =
  "w-full min-w-0 rounded-md border border-line-strong bg-surface px-3 text-ink placeholder:text-ink-3 transition-shadow focus-visible:outline-offset-0 disabled:cursor-not-allowed disabled:opacity-60 aria-invalid:border-bad";

/** Under 16 px a phone zooms in on what one types in. */
export const CONTROL_TEXT = "text-base sm:text-sm";

interface InputProps extends ComponentProps<"input"> {
  mono?: boolean;
  /** As high as a small button. */
  compact?: boolean;
  /** Inside the box, before the text. */
  leading?: ReactNode;
}

export function Input({ mono = false, compact = false, leading, className, ...rest }: InputProps) {
  const field = useFieldControl();
  const classes = cn(controlClass, CONTROL_TEXT, compact ? "h-7" : "h-9", mono && "font-mono", leading ? "pl-9" : null, className);
  const input = <input {...field} {...rest} className={classes} />;
  if (!leading) return input;
  return (
    <span className="relative block">
      <span className="pointer-events-none absolute inset-y-0 left-3 flex items-center text-ink-3 [&_svg]:size-4">{leading}</span>
      {input}
    </span>
  );
}

interface PasswordInputProps extends Omit<ComponentProps<"input">, "type"> {
  /** Start with the characters visible (a password just generated). */
  visible?: boolean;
  onVisibleChange?: (visible: boolean) => void;
}

export function PasswordInput({ visible, onVisibleChange, className, ...rest }: PasswordInputProps) {
  const field = useFieldControl();
  const t = useTranslations("ui");
  const [own, setOwn] = useState(false);
  const shown = visible ?? own;
  return (
    <span className="relative block">
      <input
        autoComplete="current-password"
        spellCheck={false}
        {...field}
        {...rest}
        type={shown ? "text" : "password"}
        className={cn(controlClass, CONTROL_TEXT, "h-9 pr-10", shown && "font-mono", className)}
      />
      <button
        type="button"
        aria-label={shown ? t("hidePassword") : t("showPassword")}
        aria-pressed={shown}
        onClick={() => {
          setOwn(!shown);
          onVisibleChange?.(!shown);
        }}
        className="absolute inset-y-0 right-0 flex w-9 items-center justify-center rounded-md text-ink-3 hover:text-ink"
      >
        {shown ? <EyeOff aria-hidden className="size-4" /> : <Eye aria-hidden className="size-4" />}
      </button>
    </span>
  );
}
