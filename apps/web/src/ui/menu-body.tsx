"use client";

import * as Radix from "radix-ui/dropdown-menu";
import { useEffect, useRef } from "react";
import { cn } from "./cn";
import type { MenuItemProps, MenuLabelProps, MenuProps, MenuRadioGroupProps } from "./dropdown-menu";

interface MenuBodyProps extends MenuProps {
  /** By what it was opened the first time, before this was here. */
  opened: "pointer" | "keyboard";
}

export function MenuBody({ trigger, align = "end", side = "bottom", className, opened, children }: MenuBodyProps) {
  const content = useRef<HTMLDivElement>(null);
  // Opened by keyboard the first item has the focus. Of the very first press Radix knows nothing: it was not there yet.
  useEffect(() => {
    if (opened !== "keyboard") return;
    const frame = requestAnimationFrame(() => content.current?.querySelector<HTMLElement>('[role^="menuitem"]')?.focus());
    return () => cancelAnimationFrame(frame);
  }, [opened]);
  return (
    <Radix.Root modal={false} defaultOpen>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          ref={content}
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
  "flex w-full select-none items-start gap-2.5 rounded-md px-2 py-1.5 text-left outline-none data-[highlighted]:bg-hover [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0";
const calmClass = "text-ink [&_svg]:text-ink-3";

export function MenuItem({ icon, danger = false, disabledReason, onSelect, asChild = false, children }: MenuItemProps) {
  const refused = Boolean(disabledReason);
  if (asChild) {
    return (
      <Radix.Item asChild className={cn(itemClass, calmClass)}>
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
      className={cn(itemClass, danger && !refused ? "text-bad [&_svg]:text-bad" : calmClass, refused && "cursor-not-allowed")}
    >
      {icon}
      <span className="min-w-0">
        <span className={cn("block", refused && "text-ink-3")}>{children}</span>
        {refused ? <span className="block text-ink-3 text-xs leading-snug">{disabledReason}</span> : null}
      </span>
    </Radix.Item>
  );
}

export function MenuRadioGroup<V extends string>({ label, value, onValueChange, options }: MenuRadioGroupProps<V>) {
  return (
    <Radix.RadioGroup aria-label={label} value={value} onValueChange={(next) => onValueChange(next as V)}>
      <MenuLabel>{label}</MenuLabel>
      {options.map((option) => (
        <Radix.RadioItem
          key={option.value}
          value={option.value}
          onSelect={(event) => event.preventDefault()}
          className={cn(itemClass, calmClass)}
        >
          {option.icon}
          <span className="flex-1">{option.label}</span>
          <Radix.ItemIndicator className="text-accent-ink">✓</Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function MenuLabel({ children }: MenuLabelProps) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 font-medium text-ink-3 text-xs">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-line" />;
}
