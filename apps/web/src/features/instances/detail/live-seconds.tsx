"use client";

import { useNow } from "@/ui/clock";

/** Whole seconds since then, moving: for what is under way. */
export function LiveSeconds({ since }: { since: Date }) {
  const now = useNow();
  return <>{now === null ? "" : `${Math.max(0, Math.floor((now - since.getTime()) / 1_000))} s`}</>;
}
