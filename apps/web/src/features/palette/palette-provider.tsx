"use client";

import { useRouter } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useOrganizationId } from "@/features/shell/organization-context";
import { componentOnDemand } from "@/ui/on-demand";
import type { ShortcutEffect } from "./shortcuts";
import { rememberSingleKeys, singleKeysOn } from "./single-keys";
import { useShortcuts } from "./use-shortcuts";

const Palette = componentOnDemand(() => import("./palette").then((module) => module.Palette));
const HelpSheet = componentOnDemand(() => import("./help-sheet").then((module) => module.HelpSheet));

const OpenPalette = createContext<() => void>(() => {});
export const useOpenPalette = (): (() => void) => useContext(OpenPalette);

type Open = "palette" | "help" | null;

/** The command palette and the keyboard shortcuts of an organization's pages. */
export function PaletteProvider({ children }: { children: ReactNode }) {
  const router = useRouter();
  const organizationId = useOrganizationId();
  const [open, setOpen] = useState<Open>(null);
  const [wanted, setWanted] = useState<{ palette: boolean; help: boolean }>({ palette: false, help: false });
  const [single, setSingle] = useState(true);
  useEffect(() => setSingle(singleKeysOn()), []);
  const show = (what: "palette" | "help") => {
    setWanted((before) => ({ ...before, [what]: true }));
    setOpen(what);
  };
  useShortcuts(single, (effect: ShortcutEffect) => {
    switch (effect.kind) {
      case "go":
        return router.push(effect.to(organizationId));
      case "palette":
        return show("palette");
      case "search": {
        const field = document.querySelector<HTMLInputElement>('main input[type="search"]');
        if (field === null) return show("palette");
        field.focus();
        return field.select();
      }
      case "help":
        return show("help");
    }
  });
  return (
    <OpenPalette.Provider value={() => show("palette")}>
      {children}
      {wanted.palette ? (
        <Palette open={open === "palette"} onOpenChange={(on) => setOpen(on ? "palette" : null)} onHelp={() => show("help")} />
      ) : null}
      {wanted.help ? (
        <HelpSheet
          open={open === "help"}
          onOpenChange={(on) => setOpen(on ? "help" : null)}
          single={single}
          onSingleChange={(on) => {
            setSingle(on);
            rememberSingleKeys(on);
          }}
        />
      ) : null}
    </OpenPalette.Provider>
  );
}
