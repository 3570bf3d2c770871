"use client";

import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { componentOnDemand } from "./on-demand";

/** With the first toast, and from then on, so that screen readers find the region where they left it. */
const ToastStack = componentOnDemand(() => import("./toast-stack").then((module) => module.ToastStack));

export interface ToastContent {
  tone: "good" | "bad" | "info" | "busy";
  title: string;
  description?: string | undefined;
  /** One thing to do about it. */
  action?: ReactNode;
}

interface ToastApi {
  /** The same id again changes the toast in place (an operation going on). */
  show: (content: ToastContent, id?: string) => string;
  dismiss: (id: string) => void;
}

const ToastContext = createContext<ToastApi | null>(null);

export function useToast(): ToastApi {
  const api = useContext(ToastContext);
  if (api === null) throw new Error("useToast needs a ToastProvider above it");
  return api;
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly (ToastContent & { id: string })[]>([]);
  const dismiss = useCallback((id: string) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const show = useCallback((content: ToastContent, given?: string) => {
    const id = given ?? `toast-${Date.now()}-${Math.random().toString(36).slice(2)}`;
    setToasts((all) =>
      all.some((toast) => toast.id === id)
        ? all.map((toast) => (toast.id === id ? { ...content, id } : toast))
        : [...all.slice(-3), { ...content, id }],
    );
    return id;
  }, []);
  const api = useMemo(() => ({ show, dismiss }), [show, dismiss]);
  const [used, setUsed] = useState(false);
  if (!used && toasts.length > 0) setUsed(true);
  return (
    <ToastContext.Provider value={api}>
      {children}
      {used ? <ToastStack toasts={toasts} onDismiss={dismiss} /> : null}
    </ToastContext.Provider>
  );
}
