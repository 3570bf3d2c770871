"use client";

import { Countdown } from "@/ui/relative-time";

/** What the host waits for, and how long it still will. */
export function WaitingNote({ waiting, until, className }: { waiting: string | null; until: Date | null; className?: string }) {
  if (waiting === null) return null;
  return (
    <span className={className ?? "text-[0.8125rem] text-ink-2"}>
      {waiting}
      {until === null ? null : (
        <>
          {" "}
          (<Countdown until={until} />)
        </>
      )}
    </span>
  );
}
