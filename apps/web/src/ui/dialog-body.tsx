"use client";

import { X } from "lucide-react";
import * as Radix from "radix-ui/dialog";
import { useTranslations } from "use-intl/react";
import { cn } from "./cn";
import type { DialogProps, ReturnsFocus, SheetProps } from "./dialog";

export function DialogBody(props: DialogProps & ReturnsFocus) {
  const { open, onOpenChange, title, description, footer, wide = false, role = "dialog", returnFocus, children } = props;
  const t = useTranslations("common");
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 grid animate-fade place-items-center overflow-y-auto bg-overlay p-4">
          <Radix.Content
            role={role}
            onCloseAutoFocus={returnFocus}
            {...(description ? {} : { "aria-describedby": undefined })}
            onEscapeKeyDown={(event) => {
              // An editor in the dialog has its own use for the key (code-mirror.tsx).
              if (event.target instanceof Element && event.target.closest("[data-takes-escape]")) event.preventDefault();
            }}
            className={cn(
              "relative w-full animate-enter rounded-xl border border-line bg-raised shadow-pop outline-none",
              wide ? "max-w-2xl" : "max-w-md",
            )}
          >
            <div className="flex items-start justify-between gap-4 px-5 pt-4">
              <Radix.Title className="font-semibold text-base text-ink">{title}</Radix.Title>
              <Radix.Close
                aria-label={t("close")}
                className="-mr-1.5 flex size-7 items-center justify-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
              >
                <X aria-hidden className="size-4" />
              </Radix.Close>
            </div>
            <div className="px-5 pt-1 pb-5">
              {description ? (
                <Radix.Description asChild>
                  <div className="text-ink-2">{description}</div>
                </Radix.Description>
              ) : null}
              {children ? <div className="mt-4">{children}</div> : null}
            </div>
            {footer ? (
              <div className="flex flex-wrap justify-end gap-2 border-line border-t bg-sunken px-5 py-3 rounded-b-xl">{footer}</div>
            ) : null}
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function SheetBody({ open, onOpenChange, title, returnFocus, children }: SheetProps & ReturnsFocus) {
  const t = useTranslations("ui");
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          onCloseAutoFocus={returnFocus}
          className="fixed inset-y-0 left-0 z-50 flex w-72 max-w-[85vw] animate-sheet flex-col border-line border-r bg-canvas shadow-pop outline-none"
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
          <Radix.Close
            aria-label={t("closeMenu")}
            className="absolute top-3 right-3 flex size-8 items-center justify-center rounded-md text-ink-2 hover:bg-hover"
          >
            <X aria-hidden className="size-4" />
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
