"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { IconButton } from "./button";
import { cn } from "./cn";

/** `navigator.clipboard` exists on https and localhost only; an installation may stand on plain http in a LAN. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // No permission: try the old way.
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

interface CopyButtonProps {
  /** Or what to ask for it at the press. */
  text: string | (() => string);
  label?: string;
  size?: "iconXs" | "iconSm" | "iconLg";
}

export function CopyButton({ text, label, size = "iconSm" }: CopyButtonProps) {
  const t = useTranslations("ui");
  const common = useTranslations("common");
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );
  return (
    <IconButton
      label={copied ? t("copied") : (label ?? common("copy"))}
      size={size}
      onClick={() => {
        void copyText(typeof text === "string" ? text : text()).then((done) => {
          if (!done) return;
          setCopied(true);
          if (timer.current !== null) clearTimeout(timer.current);
          timer.current = setTimeout(() => setCopied(false), 1_600);
        });
      }}
    >
      {copied ? <Check aria-hidden className="text-good" /> : <Copy aria-hidden />}
    </IconButton>
  );
}

/** A command to copy. Wraps rather than scrolls, so that nothing of it is out of sight. */
export function CodeLine({ code, label, className }: { code: string; label: string; className?: string }) {
  return (
    <div className={cn("flex min-w-0 items-start gap-2 rounded-lg border border-line bg-sunken py-1.5 pr-1.5 pl-3", className)}>
      <code className="min-w-0 flex-1 select-all break-all py-1 font-mono text-[0.8125rem] text-ink leading-relaxed">{code}</code>
      <CopyButton text={code} label={label} />
    </div>
  );
}

/** A short value in a line of text with its copy button. */
export function CopyValue({ value, label, nowrap = false }: { value: string; label: string; nowrap?: boolean }) {
  return (
    <span className="inline-flex min-w-0 max-w-full items-center gap-0.5">
      <span className={cn("min-w-0 font-mono text-[0.8125rem]", nowrap ? "whitespace-nowrap" : "break-all")}>{value}</span>
      <CopyButton text={value} label={label} size="iconXs" />
    </span>
  );
}
