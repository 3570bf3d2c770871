"use client";

import * as Radix from "radix-ui/tabs";
import type { ReactNode } from "react";
import { useInSight } from "./use-in-sight";

interface TabsProps<V extends string> {
  label: string;
  value: V;
  onValueChange: (value: V) => void;
  tabs: readonly { value: V; label: ReactNode; content: ReactNode }[];
}

export function Tabs<V extends string>({ label, value, onValueChange, tabs }: TabsProps<V>) {
  const row = useInSight<HTMLDivElement>(value);
  return (
    <Radix.Root value={value} onValueChange={(next) => onValueChange(next as V)}>
      <Radix.List ref={row} aria-label={label} className="-mx-1 flex gap-1 overflow-x-auto border-line border-b px-1">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="-mb-px whitespace-nowrap border-transparent border-b-2 px-2.5 py-2 font-medium text-ink-2 hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className="pt-5 outline-none focus-visible:outline-2">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
