"use client";

import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/ui/button";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "@/ui/dropdown-menu";
import { KeyDialog } from "./key-dialog";
import { FUNCTION_KEYS, labelOf, MODIFIERS, NAMED_KEYS, type SpecialKey } from "./special-keys";

const { ctrl, alt, super: superKey } = MODIFIERS;

const COMMON: readonly (readonly SpecialKey[])[] = [
  // Called by its short name here, as everybody does.
  [ctrl, alt, { ...NAMED_KEYS.delete, name: "del" }],
  [superKey],
  [alt, NAMED_KEYS.tab],
  [alt, FUNCTION_KEYS[3] ?? NAMED_KEYS.escape],
  [NAMED_KEYS.print],
];

interface KeyMenuProps {
  refusal: string | null;
  onPress: (keys: readonly SpecialKey[]) => void;
}

/** Keys that the browser or the desktop around it keeps for itself. */
export function KeyMenu({ refusal, onPress }: KeyMenuProps) {
  const t = useTranslations("console");
  const called = (keys: readonly SpecialKey[]) => keys.map((key) => labelOf(t, key)).join(" ");
  const [building, setBuilding] = useState(false);
  return (
    <>
      <Menu
        trigger={
          <Button size="sm" variant="ghost" disabledReason={refusal}>
            {t("keyMenu.label")}
            <ChevronDown aria-hidden />
          </Button>
        }
      >
        {COMMON.map((keys) => (
          <MenuItem key={called(keys)} disabledReason={refusal} onSelect={() => onPress(keys)}>
            {called(keys)}
          </MenuItem>
        ))}
        <MenuItem disabledReason={refusal} onSelect={() => setBuilding(true)}>
          {t("keyMenu.another")}
        </MenuItem>
        <MenuSeparator />
        <MenuLabel>{t("keyMenu.functionKeys")}</MenuLabel>
        <div className="grid grid-cols-4">
          {FUNCTION_KEYS.map((functionKey) => (
            <MenuItem key={functionKey.code} onSelect={() => onPress([ctrl, alt, functionKey])}>
              <span className="sr-only">{`${called([ctrl, alt])} `}</span>
              {labelOf(t, functionKey)}
            </MenuItem>
          ))}
        </div>
      </Menu>
      <KeyDialog open={building} onOpenChange={setBuilding} onPress={onPress} />
    </>
  );
}
