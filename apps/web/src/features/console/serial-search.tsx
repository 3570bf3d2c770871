"use client";

import type { SearchAddon } from "@xterm/addon-search";
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useFormat } from "@/lib/i18n/use-format";
import { IconButton } from "@/ui/button";
import { Input } from "@/ui/input";

const MARKS = {
  decorations: {
    matchBackground: "#5c4a12",
    matchOverviewRuler: "#d9a441",
    activeMatchBackground: "#d9a441",
    activeMatchColorOverviewRuler: "#ffffff",
  },
};

/** Looks through what the terminal holds, as a browser's own search cannot: it sees the rows in sight only. */
export function SerialSearch({ search, onClose }: { search: SearchAddon; onClose: () => void }) {
  const t = useTranslations("console");
  const format = useFormat();
  const [text, setText] = useState("");
  const [found, setFound] = useState({ resultIndex: -1, resultCount: 0 });
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    const results = search.onDidChangeResults(setFound);
    return () => {
      results.dispose();
      search.clearDecorations();
    };
  }, [search]);
  const step = (back: boolean) => (back ? search.findPrevious(text, MARKS) : search.findNext(text, MARKS));
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter") step(event.shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const { resultIndex, resultCount } = found;
  return (
    <search className="flex items-center gap-1 border-line border-b px-2 py-1.5">
      <Input
        ref={input}
        aria-label={t("search.label")}
        compact
        className="max-w-64"
        value={text}
        maxLength={200}
        onKeyDown={onKey}
        onChange={(event) => {
          setText(event.target.value);
          if (event.target.value === "") search.clearDecorations();
          else search.findNext(event.target.value, { ...MARKS, incremental: true });
        }}
      />
      <output className="min-w-20 px-1 text-ink-3 text-xs tabular-nums">
        {text === ""
          ? ""
          : resultCount === 0
            ? t("search.notFound")
            : resultIndex < 0
              ? t("search.found", { count: format.count(resultCount) })
              : t("search.foundOf", { index: format.count(resultIndex + 1), count: format.count(resultCount) })}
      </output>
      <IconButton size="iconSm" label={t("search.previous")} onClick={() => step(true)}>
        <ChevronUp aria-hidden />
      </IconButton>
      <IconButton size="iconSm" label={t("search.next")} onClick={() => step(false)}>
        <ChevronDown aria-hidden />
      </IconButton>
      <IconButton size="iconSm" label={t("search.close")} className="ml-auto" onClick={onClose}>
        <X aria-hidden />
      </IconButton>
    </search>
  );
}
