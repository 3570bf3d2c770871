"use client";

import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn";

interface MenuProps {
  /** One focusable element that opens the menu. */
  trigger: ReactNode;
  align?: "start" | "center" | "end";
  side?: "top" | "bottom";
  className?: string;
  children: ReactNode;
}

export function Menu({ trigger, align = "end", side = "bottom", className, children }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className={cn(
            "z-50 max-h-[min(26rem,var(--radix-dropdown-menu-content-available-height))] min-w-48 max-w-80 animate-enter overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-pop",
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const itemClass =
  "flex w-full select-none items-start gap-2.5 rounded-md px-2 py-1.5 text-left text-ink outline-none data-[highlighted]:bg-hover [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-3";

interface MenuItemProps {
  icon?: ReactNode;
  danger?: boolean;
  /** Why it cannot be chosen: shown in the item itself, and the item stays reachable by keyboard. */
  disabledReason?: string | null;
  onSelect?: () => void;
  /** Render the one child (a link) as the item. */
  asChild?: boolean;
  children: ReactNode;
}

export function MenuItem({ icon, danger = false, disabledReason, onSelect, asChild = false, children }: MenuItemProps) {
  const refused = Boolean(disabledReason);
  if (asChild) {
    return (
      <Radix.Item asChild className={itemClass}>
        {children}
      </Radix.Item>
    );
  }
  return (
    <Radix.Item
      aria-disabled={refused || undefined}
      onSelect={(event) => {
        if (refused) event.preventDefault();
        else onSelect?.();
      }}
      className={cn(itemClass, danger && !refused && "text-bad [&_svg]:text-bad", refused && "cursor-not-allowed")}
    >
      {icon}
      <span className="min-w-0">
        <span className={cn("block", refused && "text-ink-3")}>{children}</span>
        {refused ? <span className="block text-ink-3 text-xs leading-snug">{disabledReason}</span> : null}
      </span>
    </Radix.Item>
  );
}

interface MenuRadioGroupProps<V extends string> {
  label: string;
  value: V;
  onValueChange: (value: V) => void;
  options: readonly { value: V; label: ReactNode; icon?: ReactNode }[];
}

export function MenuRadioGroup<V extends string>({ label, value, onValueChange, options }: MenuRadioGroupProps<V>) {
  return (
    <Radix.RadioGroup aria-label={label} value={value} onValueChange={(next) => onValueChange(next as V)}>
      <MenuLabel>{label}</MenuLabel>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} onSelect={(event) => event.preventDefault()} className={itemClass}>
          {option.icon}
          <span className="flex-1">{option.label}</span>
          <Radix.ItemIndicator className="text-accent-ink">✓</Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 font-medium text-ink-3 text-xs">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}
