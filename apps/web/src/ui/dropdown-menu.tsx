"use client";

import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from "react";
import { onDemand, useOnDemand } from "./on-demand";
import { withProps } from "./with-props";

/** What hangs from the trigger comes with the first menu that is opened: floating layers weigh more than most pages. */
const body = onDemand(() => import("./menu-body"));

export interface MenuProps {
  /** One focusable element that opens the menu. */
  trigger: ReactNode;
  align?: "start" | "center" | "end";
  side?: "top" | "bottom";
  className?: string;
  children: ReactNode;
}

export function Menu(props: MenuProps) {
  const [opened, setOpened] = useState<"pointer" | "keyboard" | null>(null);
  const parts = useOnDemand(body, opened !== null);
  if (parts !== null && opened !== null) return <parts.MenuBody {...props} opened={opened} />;
  // As Radix's own trigger behaves, so that taking its place is not noticed.
  return withProps(props.trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    "data-state": "closed",
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 || event.ctrlKey) return;
      event.preventDefault();
      setOpened("pointer");
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (!["Enter", " ", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      setOpened("keyboard");
    },
  });
}

export interface MenuItemProps {
  icon?: ReactNode;
  danger?: boolean;
  /** Why it cannot be chosen: shown in the item itself, and the item stays reachable by keyboard. */
  disabledReason?: string | null;
  onSelect?: () => void;
  /** Render the one child (a link) as the item. */
  asChild?: boolean;
  children: ReactNode;
}

/** Only within a menu that is open: then its parts are there. */
export function MenuItem(props: MenuItemProps) {
  const parts = body.now();
  return parts === null ? null : <parts.MenuItem {...props} />;
}

export interface MenuRadioGroupProps<V extends string> {
  label: string;
  value: V;
  onValueChange: (value: V) => void;
  options: readonly { value: V; label: ReactNode; icon?: ReactNode }[];
}

export function MenuRadioGroup<V extends string>(props: MenuRadioGroupProps<V>) {
  const parts = body.now();
  return parts === null ? null : <parts.MenuRadioGroup {...props} />;
}

export interface MenuLabelProps {
  children: ReactNode;
}

export function MenuLabel(props: MenuLabelProps) {
  const parts = body.now();
  return parts === null ? null : <parts.MenuLabel {...props} />;
}

export function MenuSeparator() {
  const parts = body.now();
  return parts === null ? null : <parts.MenuSeparator />;
}
