"use client";

import { useTranslations } from "use-intl/react";
import { Dialog } from "@/ui/dialog";
import { Kbd } from "@/ui/kbd";
import { Switch } from "@/ui/switch";
import { keysOf } from "./keys-of";
import { SHORTCUTS } from "./shortcuts";

interface HelpSheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  single: boolean;
  onSingleChange: (single: boolean) => void;
}

/** All the shortcuts there are, out of their one registry. */
export function HelpSheet({ open, onOpenChange, single, onSingleChange }: HelpSheetProps) {
  const t = useTranslations("palette");
  const tNav = useTranslations("shell.nav");
  const groups = [...new Set(SHORTCUTS.map((each) => each.group))];
  return (
    <Dialog wide open={open} onOpenChange={onOpenChange} title={t("help.title")} description={t("help.description")}>
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {groups.map((group) => (
          <section key={group} aria-label={t(`help.groups.${group}`)} className={group === "goTo" ? "sm:row-span-3" : ""}>
            <h3 className="mb-1.5 font-medium text-ink-3 text-xs">{t(`help.groups.${group}`)}</h3>
            <dl className="flex flex-col">
              {SHORTCUTS.filter((each) => each.group === group).map((each) => (
                <div key={each.name} className="flex items-center justify-between gap-4 border-line border-b py-1.5 last:border-b-0">
                  <dt>{each.group === "goTo" ? tNav(each.name) : t(`shortcuts.${each.name}`)}</dt>
                  <dd>
                    <Kbd keys={keysOf(each, t("ctrl"))} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="mt-5 border-line border-t pt-4">
        <Switch label={t("help.single")} description={t("help.singleHint")} checked={single} onCheckedChange={onSingleChange} />
      </div>
    </Dialog>
  );
}
