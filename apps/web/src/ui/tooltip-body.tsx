"use client";

import * as Radix from "radix-ui/tooltip";
import { type ReactNode, type RefObject, useLayoutEffect, useState } from "react";
import { createPortal } from "react-dom";

interface TooltipBodyProps {
  /** What it describes. */
  anchor: RefObject<HTMLElement | null>;
  content: ReactNode;
  side: "top" | "right" | "bottom" | "left";
  onClose: () => void;
  /** The pointer may go over to the tooltip itself (WCAG 1.4.13). */
  onPointerEnter: () => void;
  onPointerLeave: () => void;
}

/** Radix's tooltip on a stand-in: an empty box exactly over what it describes, which stays as it is. */
export function TooltipBody({ anchor, content, side, onClose, onPointerEnter, onPointerLeave }: TooltipBodyProps) {
  const [box, setBox] = useState<DOMRect | null>(null);
  // It comes a moment later than its parent: by way of a portal.
  const [layer, setLayer] = useState<HTMLDivElement | null>(null);
  useLayoutEffect(() => setBox(anchor.current?.getBoundingClientRect() ?? null), [anchor]);
  useLayoutEffect(() => {
    const described = anchor.current;
    const id = layer?.querySelector('[role="tooltip"]')?.id;
    if (described === null || id === undefined) return;
    const before = described.getAttribute("aria-describedby");
    described.setAttribute("aria-describedby", before === null ? id : `${before} ${id}`);
    return () => {
      if (before === null) described.removeAttribute("aria-describedby");
      else described.setAttribute("aria-describedby", before);
    };
  }, [anchor, layer]);
  if (box === null) return null;
  const { left, top, width, height } = box;
  return (
    <Radix.Provider>
      <Radix.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
        <Radix.Portal>
          <Radix.Content
            ref={setLayer}
            side={side}
            sideOffset={6}
            collisionPadding={8}
            onPointerEnter={onPointerEnter}
            onPointerLeave={onPointerLeave}
            className="z-50 max-w-72 animate-enter rounded-md bg-ink px-2.5 py-1.5 text-canvas text-xs leading-snug shadow-pop"
          >
            {content}
            <Radix.Arrow className="fill-ink" />
          </Radix.Content>
        </Radix.Portal>
        {createPortal(
          <Radix.Trigger asChild>
            <span aria-hidden style={{ position: "fixed", left, top, width, height, pointerEvents: "none" }} />
          </Radix.Trigger>,
          document.body,
        )}
      </Radix.Root>
    </Radix.Provider>
  );
}
