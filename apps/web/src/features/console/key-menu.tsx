"use client";

import { ChevronDown } from "lucide-react";
import { useState } from "react";
import { Button } from "@/ui/button";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "@/ui/dropdown-menu";
import { KeyDialog } from "./key-dialog";
import { FUNCTION_KEYS, MODIFIERS, NAMED_KEYS, type SpecialKey } from "./special-keys";

const { ctrl, alt, super: superKey } = MODIFIERS;

const COMMON: readonly { label: string; keys: readonly SpecialKey[] }[] = [
  { label: "Ctrl Alt Del", keys: [ctrl, alt, NAMED_KEYS.delete] },
  { label: "Super", keys: [superKey] },
  { label: "Alt Tab", keys: [alt, NAMED_KEYS.tab] },
  { label: "Alt F4", keys: [alt, FUNCTION_KEYS[3] ?? NAMED_KEYS.escape] },
  { label: "Print Screen", keys: [NAMED_KEYS.print] },
];

interface KeyMenuProps {
  refusal: string | null;
  onPress: (keys: readonly SpecialKey[]) => void;
}

/** Keys that the browser or the desktop around it keeps for itself. */
export function KeyMenu({ refusal, onPress }: KeyMenuProps) {
  const [building, setBuilding] = useState(false);
  return (
    <>
      <Menu
        trigger={
          <Button size="sm" variant="ghost" disabledReason={refusal}>
            Keys
            <ChevronDown aria-hidden />
          </Button>
        }
      >
        {COMMON.map(({ label, keys }) => (
          <MenuItem key={label} disabledReason={refusal} onSelect={() => onPress(keys)}>
            {label}
          </MenuItem>
        ))}
        <MenuItem disabledReason={refusal} onSelect={() => setBuilding(true)}>
          Another combination…
        </MenuItem>
        <MenuSeparator />
        <MenuLabel>Ctrl Alt and a function key</MenuLabel>
        <div className="grid grid-cols-4">
          {FUNCTION_KEYS.map((functionKey) => (
            <MenuItem key={functionKey.code} onSelect={() => onPress([ctrl, alt, functionKey])}>
              <span className="sr-only">Ctrl Alt </span>
              {functionKey.label}
            </MenuItem>
          ))}
        </div>
      </Menu>
      <KeyDialog open={building} onOpenChange={setBuilding} onPress={onPress} />
    </>
  );
}
