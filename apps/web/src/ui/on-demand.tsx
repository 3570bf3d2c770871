"use client";

import { type ComponentType, createElement, type ReactNode, useEffect, useState, useSyncExternalStore } from "react";

/** Code that no page needs in order to be shown. It is fetched when the browser has nothing better to do, or at once when it is wanted. */
export interface OnDemand<M> {
  /** Null until it is there. */
  readonly now: () => M | null;
  readonly fetch: () => Promise<M>;
}

/** Long enough for the page's own scripts and data to be through, short enough to be there before the first press. */
const IDLE_WITHIN_MS = 4_000;

function whenIdle(act: () => void): void {
  if (typeof window === "undefined") return;
  const wait = () => {
    // Safari has none.
    if (typeof window.requestIdleCallback === "function") window.requestIdleCallback(act, { timeout: IDLE_WITHIN_MS });
    else setTimeout(act, 1_000);
  };
  if (document.readyState === "complete") wait();
  else window.addEventListener("load", wait, { once: true });
}

/** `soon`: at once, beside the page; else in idle time. */
export function onDemand<M>(load: () => Promise<M>, soon = false): OnDemand<M> {
  let there: M | null = null;
  let coming: Promise<M> | null = null;
  const fetch = () => {
    coming ??= load().then(
      (module) => {
        there = module;
        return module;
      },
      (error: unknown) => {
        // The next one who wants it asks again.
        coming = null;
        throw error;
      },
    );
    return coming;
  };
  const ahead = () => void fetch().catch(() => {});
  if (!soon) whenIdle(ahead);
  else if (typeof window !== "undefined") ahead();
  return { now: () => there, fetch };
}

/** Null until it is there. `wanted`: false leaves it to the browser's idle time. A script that cannot be had is the page's error boundary's. */
export function useOnDemand<M>(part: OnDemand<M>, wanted = true): M | null {
  // The server's page was written without it; the browser takes that page over as it is, also where the part is there already.
  const isHydrated = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const [, setArrived] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const missing = wanted && part.now() === null;
  useEffect(() => {
    if (!missing) return;
    let here = true;
    part.fetch().then(
      () => here && setArrived(true),
      (error: unknown) => here && setFailure(error ?? new Error("a script is missing")),
    );
    return () => {
      here = false;
    };
  }, [missing, part]);
  if (failure !== null) throw failure;
  return isHydrated ? part.now() : null;
}
const never = () => () => {};

/**
 * A component whose code comes on demand; `meanwhile` stands in its place. `soon`: it is seen at once, so that its code is asked for beside the
 * page's own, which does not wait for it. Not by `React.lazy`, which holds back even what is there already.
 */
export function componentOnDemand<P extends object>(
  load: () => Promise<ComponentType<P>>,
  { meanwhile = null, soon = false }: { meanwhile?: ReactNode; soon?: boolean } = {},
): ComponentType<P> {
  const part = onDemand(load, soon);
  return function ComponentOnDemand(props: P) {
    const Component = useOnDemand(part);
    return Component === null ? meanwhile : createElement(Component, props);
  };
}
