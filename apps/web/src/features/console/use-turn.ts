"use client";

import type { ConsoleMode } from "@indium/contract/console";
import { useEffect, useRef } from "react";

/**
 * Connects anew when control has come to somebody who watched: what a stream may do is fixed when it is opened. Once for each time it came.
 * @param controlSince ms since the epoch; null while it is not this person's.
 */
export function useTurn(granted: ConsoleMode | null, controlSince: number | null, again: () => void): void {
  const tried = useRef<number | null>(null);
  useEffect(() => {
    if (controlSince === null || granted !== "view" || tried.current === controlSince) return;
    tried.current = controlSince;
    again();
  }, [granted, controlSince, again]);
}
