"use client";

import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { Kbd } from "@/ui/kbd";
import { keysOf } from "./keys-of";
import { useOpenPalette } from "./palette-provider";

const KEYS = { keys: ["k"], mod: true } as const;

/** Opens the palette; says by which keys, too. */
export function SearchButton({ onOpen }: { onOpen?: () => void }) {
  const t = useTranslations("palette");
  const openPalette = useOpenPalette();
  const ctrl = t("ctrl");
  // The server does not know the reader's keyboard.
  const [keys, setKeys] = useState<readonly string[] | null>(null);
  useEffect(() => setKeys(keysOf(KEYS, ctrl)), [ctrl]);
  return (
    <button
      type="button"
      onClick={() => {
        onOpen?.();
        openPalette();
      }}
      className="flex h-9 w-full items-center gap-2.5 rounded-lg px-2.5 text-left text-ink-2 hover:bg-hover hover:text-ink max-lg:h-10"
    >
      <Search aria-hidden className="size-4 shrink-0 text-ink-3" />
      <span className="flex-1">{t("search")}</span>
      {keys === null ? null : (
        <span aria-hidden>
          <Kbd keys={keys} />
        </span>
      )}
    </button>
  );
}

export function SearchIconButton() {
  const t = useTranslations("palette");
  const openPalette = useOpenPalette();
  return (
    <button
      type="button"
      aria-label={t("searchAndCommands")}
      onClick={openPalette}
      className="ml-auto flex size-10 items-center justify-center rounded-md text-ink-2 hover:bg-hover"
    >
      <Search aria-hidden className="size-5" />
    </button>
  );
}
