"use client";

import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import * as Radix from "radix-ui/toast";
import { useTranslations } from "use-intl/react";
import { Spinner } from "./spinner";
import type { ToastContent } from "./toast";

const ICON = {
  good: <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-good" />,
  bad: <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />,
  info: <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-info" />,
  busy: <Spinner className="mt-0.5 size-4 text-accent-ink" />,
} as const;
const DURATION_MS = { good: 4_000, info: 6_000, bad: 12_000, busy: 3_600_000 } as const;

interface ToastStackProps {
  toasts: readonly (ToastContent & { id: string })[];
  onDismiss: (id: string) => void;
}

export function ToastStack({ toasts, onDismiss }: ToastStackProps) {
  const t = useTranslations("ui.toast");
  return (
    <Radix.Provider label={t("notification")} swipeDirection="right">
      {toasts.map((toast) => (
        <Radix.Root
          // A changed tone starts its own clock.
          key={`${toast.id}-${toast.tone}`}
          type={toast.tone === "bad" ? "foreground" : "background"}
          duration={DURATION_MS[toast.tone]}
          onOpenChange={(open) => {
            if (!open) onDismiss(toast.id);
          }}
          className="flex animate-enter items-start gap-3 rounded-lg border border-line bg-raised p-3.5 shadow-pop"
        >
          {ICON[toast.tone]}
          <div className="min-w-0 flex-1">
            <Radix.Title className="break-words font-medium text-ink">{toast.title}</Radix.Title>
            {toast.description ? <Radix.Description className="break-words text-ink-2">{toast.description}</Radix.Description> : null}
            {toast.action ? <div className="mt-1.5">{toast.action}</div> : null}
          </div>
          <Radix.Close
            aria-label={t("dismiss")}
            className="-mt-1 -mr-1 flex size-7 shrink-0 items-center justify-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <X aria-hidden className="size-4" />
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport
        label={t("region", { hotkey: "{hotkey}" })}
        className="fixed right-0 bottom-0 z-50 flex w-96 max-w-full flex-col gap-2 p-4 outline-none"
      />
    </Radix.Provider>
  );
}
