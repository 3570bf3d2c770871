import type { ReactNode } from "react";

/** Above a list: its search, its filters, and how many match. */
export function ListBar({ children, status }: { children: ReactNode; status: ReactNode }) {
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      {children}
      <p role="status" className="ml-auto text-[0.8125rem] text-ink-3 max-sm:w-full">
        {status}
      </p>
    </div>
  );
}
