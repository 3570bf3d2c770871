import type { ReactNode } from "react";

interface FoldProps {
  /** What is chosen now, so that nobody has to open it to know. */
  summary: ReactNode;
  /** Holds it open: something inside needs to be read. */
  forcedOpen?: boolean;
  children: ReactNode;
}

/** A part of a form whose default is right for nearly everybody. */
export function Fold({ summary, forcedOpen = false, children }: FoldProps) {
  return (
    <details open={forcedOpen ? true : undefined}>
      <summary className="w-fit max-w-full select-none break-words rounded text-ink-2 hover:text-ink">{summary}</summary>
      <div className="mt-4">{children}</div>
    </details>
  );
}
