"use client";

import { type ReactNode, useState } from "react";
import { componentOnDemand } from "./on-demand";
import { useReturnFocus } from "./use-return-focus";

const DialogBody = componentOnDemand(() => import("./dialog-body").then((module) => module.DialogBody));
const SheetBody = componentOnDemand(() => import("./dialog-body").then((module) => module.SheetBody));

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
  /** `alertdialog` for questions that must be answered. */
  role?: "dialog" | "alertdialog";
  children?: ReactNode;
}

export interface ReturnsFocus {
  /** The content's `onCloseAutoFocus`. */
  returnFocus: (event: Event) => void;
}

/** What makes it one (its focus, its layer) comes with the first that opens, and stays for the closing's sake. */
export function Dialog(props: DialogProps) {
  const returnFocus = useReturnFocus(props.open);
  return useOnceOpen(props.open) ? <DialogBody {...props} returnFocus={returnFocus} /> : null;
}

export interface SheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
}

/** A drawer from the left, for navigation on small screens. */
export function Sheet(props: SheetProps) {
  const returnFocus = useReturnFocus(props.open);
  return useOnceOpen(props.open) ? <SheetBody {...props} returnFocus={returnFocus} /> : null;
}

function useOnceOpen(open: boolean): boolean {
  const [once, setOnce] = useState(open);
  if (open && !once) setOnce(true);
  return once || open;
}
