"use client";

import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { useTranslations } from "use-intl/react";
import { cn } from "./cn";
import { useFieldControl } from "./field";
import { CONTROL_TEXT, controlClass } from "./input";

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
