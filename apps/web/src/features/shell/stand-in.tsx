import type { ReactNode } from "react";

/** As the primary `Button` looks. */
export const STAND_IN_BUTTON =
  "inline-flex h-9 items-center rounded-md bg-accent px-3.5 font-medium text-on-accent text-sm shadow-card hover:bg-accent-hover";

interface StandInProps {
  /** Within the dashboard's frame, which is the page's `main` already. */
  framed?: boolean;
  title: string;
  description: string;
  action: ReactNode;
}

/**
 * A page in place of one that broke or is not there. As an `EmptyState` looks, but without any of what that and a button need: every page carries
 * these along.
 */
export function StandIn({ framed = false, title, description, action }: StandInProps) {
  const Box = framed ? "div" : "main";
  return (
    <Box className="flex min-h-[70dvh] items-center justify-center">
      <div className="flex flex-col items-center px-6 py-14 text-center">
        <h2 className="font-semibold text-base text-ink">{title}</h2>
        <p className="mt-1 max-w-md text-balance text-ink-2">{description}</p>
        <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div>
      </div>
    </Box>
  );
}
