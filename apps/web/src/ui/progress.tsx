import { cn } from "./cn";

interface ProgressProps {
  label: string;
  /** 0..1; null when nobody knows how much there is. */
  value: number | null;
  className?: string;
}

export function Progress({ label, value, className }: ProgressProps) {
  const percent = value === null ? null : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { "aria-valuenow": percent })}
      className={cn("h-1.5 w-full overflow-hidden rounded-full bg-hover", className)}
    >
      {percent === null ? (
        <div className="h-full w-1/3 animate-slide rounded-full bg-accent" />
      ) : (
        <div className="h-full rounded-full bg-accent transition-[width] duration-500" style={{ width: `${percent}%` }} />
      )}
    </div>
  );
}
