"use client";

import { type FocusEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { componentOnDemand } from "./on-demand";
import { withProps } from "./with-props";

/** Almost every button may have one, and few are ever shown: what floats comes with the first. */
const TooltipBody = componentOnDemand(() => import("./tooltip-body").then((module) => module.TooltipBody));

const DELAY_MS = 300;
/** From one to the next there is no waiting. */
const SKIP_DELAY_MS = 150;
/** On the way from what is described to the tooltip itself the pointer is over neither. */
const LEAVE_MS = 120;
let lastClosed = Number.NEGATIVE_INFINITY;

interface TooltipProps {
  content: ReactNode;
  side?: "top" | "right" | "bottom" | "left";
  /** One focusable element: the tooltip opens on hover and on keyboard focus, and describes it to screen readers. */
  children: ReactNode;
}

export function Tooltip({ content, side = "top", children }: TooltipProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pressed = useRef(false);
  const later = (next: boolean, ms: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(next), ms);
  };
  const close = () => {
    clearTimeout(timer.current);
    setOpen(false);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!open) return;
    const shut = () => setOpen(false);
    // It stands where it was opened: what moves under it closes it.
    window.addEventListener("scroll", shut, { capture: true, passive: true });
    window.addEventListener("resize", shut);
    return () => {
      lastClosed = performance.now();
      window.removeEventListener("scroll", shut, { capture: true });
      window.removeEventListener("resize", shut);
    };
  }, [open]);
  return (
    <>
      {withProps(children, {
        onPointerEnter: ({ currentTarget, pointerType }: PointerEvent<HTMLElement>) => {
          if (pointerType === "touch") return;
          anchor.current = currentTarget;
          later(true, open || performance.now() - lastClosed < SKIP_DELAY_MS ? 0 : DELAY_MS);
        },
        onPointerLeave: () => later(false, open ? LEAVE_MS : 0),
        onPointerDown: () => {
          close();
          pressed.current = true;
          window.addEventListener("pointerup", () => (pressed.current = false), { once: true });
        },
        onClick: close,
        onFocus: ({ currentTarget }: FocusEvent<HTMLElement>) => {
          // A press gives the focus, too; then one knows already what one presses.
          if (pressed.current) return;
          anchor.current = currentTarget;
          setOpen(true);
        },
        onBlur: close,
      })}
      {open ? (
        <TooltipBody
          anchor={anchor}
          content={content}
          side={side}
          onClose={close}
          onPointerEnter={() => clearTimeout(timer.current)}
          onPointerLeave={() => later(false, LEAVE_MS)}
        />
      ) : null}
    </>
  );
}
