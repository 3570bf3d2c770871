import type { ReactNode } from "react";

interface PageHeaderProps {
  title: ReactNode;
  /** Beside the title: state, labels. */
  badges?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, badges, description, actions }: PageHeaderProps) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="break-words font-semibold text-ink text-xl tracking-tight">{title}</h1>
          {badges}
        </div>
        {description ? <div className="mt-1 max-w-2xl text-pretty text-ink-2">{description}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </header>
  );
}
