import { cn } from "./cn";

interface SparklineProps {
  /** In words, for screen readers: "CPU use over the last five minutes, now 12 %". */
  label: string;
  values: readonly number[];
  /** The top of the scale; by default the largest value. */
  max?: number;
  className?: string;
}

const WIDTH = 200;
const HEIGHT = 40;

export function sparklinePath(values: readonly number[], max: number): string {
  if (values.length < 2) return "";
  const top = max > 0 ? max : 1;
  return values
    .map((value, index) => {
      const x = (index / (values.length - 1)) * WIDTH;
      const y = HEIGHT - 1 - (Math.min(Math.max(value, 0), top) / top) * (HEIGHT - 2);
      return `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}

export function Sparkline({ label, values, max, className }: SparklineProps) {
  const line = sparklinePath(values, max ?? Math.max(...values, 0));
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={cn("h-10 w-full overflow-visible", className)}
    >
      {line === "" ? (
        <path
          d={`M0 ${HEIGHT - 1}L${WIDTH} ${HEIGHT - 1}`}
          className="stroke-line"
          strokeDasharray="3 4"
          fill="none"
          vectorEffect="non-scaling-stroke"
        />
      ) : (
        <>
          <path d={`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} className="fill-accent opacity-10" />
          <path
            d={line}
            className="stroke-accent-ink"
            strokeWidth={1.5}
            fill="none"
            vectorEffect="non-scaling-stroke"
            strokeLinejoin="round"
          />
        </>
      )}
    </svg>
  );
}
