"use client";

import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useLocale, useTranslations } from "use-intl/react";
import { DATE_LOCALES, type Locale } from "@/lib/i18n/locale";
import { cn } from "./cn";
import type { Plot, PlotData } from "./time-chart-plot";

export interface TimeChartLine {
  readonly label: string;
  /** Null is a gap: nothing was measured, which is not zero. */
  readonly values: readonly (number | null)[];
}

interface TimeChartProps {
  title: string;
  /** Ms since the epoch of the first point. */
  from: number;
  stepMs: number;
  /** One or two, of equal length. */
  lines: readonly TimeChartLine[];
  /** With the unit. */
  format: (value: number) => string;
  /** Shorter, for the scale; `format` by default. */
  formatTick?: ((value: number) => string) | undefined;
  /** What ticks are powers of: 2 for bytes. */
  base?: 2 | 10;
  /** The scale reaches at least to here. */
  top?: number;
  /** Everything in words, for who does not see the drawing. */
  summary: string;
  /** Charts of one key show the same moment under the pointer. */
  syncKey: string;
}

const HEIGHT = 168;
const LINE_CLASS = ["bg-accent-ink", "bg-warn-dot"] as const;

/**
 * Lines over time on a canvas, with the values under the pointer, a finger, or by the arrow keys. Nothing in it is animated. The library that draws is
 * loaded when the first chart is shown.
 */
export function TimeChart({
  title,
  from,
  stepMs,
  lines,
  format,
  formatTick = format,
  base = 10,
  top = 0,
  summary,
  syncKey,
}: TimeChartProps) {
  const t = useTranslations("ui.chart");
  const locale = useLocale();
  const root = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const [cursor, setCursor] = useState<{ index: number; left: number } | null>(null);
  const data = useRef<PlotData>({ from, stepMs, lines: [] });
  data.current = { from, stepMs, lines: lines.map((line) => line.values) };
  const drawing = useRef({ formatTick, base, top });
  drawing.current = { formatTick, base, top };

  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew for another number of lines or another scale; new points only move what is there
  useEffect(() => {
    let gone = false;
    void import("./time-chart-plot").then(({ createPlot }) => {
      if (gone || root.current === null) return;
      plot.current = createPlot(root.current, {
        data: data.current,
        height: HEIGHT,
        formatTick: (value) => drawing.current.formatTick(value),
        base: drawing.current.base,
        top: drawing.current.top,
        syncKey,
        locale: DATE_LOCALES[locale],
        onCursor: (index, left) => setCursor(index === null ? null : { index, left }),
      });
    });
    return () => {
      gone = true;
      plot.current?.destroy();
      plot.current = null;
    };
  }, [lines.length, base, top, syncKey, locale]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the points themselves are in `data`; these say that they changed
  useEffect(() => {
    plot.current?.update(data.current);
  }, [from, stepMs, lines]);

  const length = lines[0]?.values.length ?? 0;
  const at = cursor?.index ?? null;
  const shown = at === null || at >= length ? null : at;
  const said = (value: number | null | undefined) => (value === null || value === undefined ? t("notMeasured") : format(value));
  const words =
    shown === null
      ? summary
      : `${formatMoment(from + shown * stepMs, stepMs, locale)}: ${lines.map((line) => `${line.label} ${said(line.values[shown])}`).join(", ")}`;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") plot.current?.showIndex(null);
    const next = nextIndex(event.key, shown ?? length - 1, length);
    if (next === null) return;
    event.preventDefault();
    plot.current?.showIndex(next);
  };
  const onTouch = (event: PointerEvent) => {
    if (event.pointerType === "touch") plot.current?.showAt(event.clientX);
  };

  return (
    <figure className="min-w-0">
      <figcaption className="mb-1 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5">
        <h3 className="font-medium text-[0.8125rem] text-ink-2">{title}</h3>
        <p className="flex flex-wrap gap-x-4 text-[0.8125rem] text-ink-3">
          {lines.map((line, index) => (
            <span key={line.label} className="flex items-center gap-1.5">
              <span aria-hidden className={cn("h-0.5 w-3 rounded-full", LINE_CLASS[index])} />
              {line.label} <span className="tabular font-medium text-ink">{lastOf(line.values, format)}</span>
            </span>
          ))}
        </p>
        <p className="sr-only">{summary}</p>
      </figcaption>
      <div
        role="slider"
        tabIndex={0}
        aria-label={t("overTime", { title })}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, length - 1)}
        aria-valuenow={shown ?? Math.max(0, length - 1)}
        aria-valuetext={words}
        onKeyDown={onKeyDown}
        onBlur={() => plot.current?.showIndex(null)}
        onPointerDown={onTouch}
        onPointerMove={onTouch}
        className="relative touch-pan-y rounded-md"
        style={{ minHeight: HEIGHT }}
      >
        <div ref={root} aria-hidden className="w-full" />
        {shown === null || cursor === null ? null : (
          <Tooltip left={cursor.left} width={root.current?.clientWidth ?? 0}>
            <p className="text-ink-3">{formatMoment(from + shown * stepMs, stepMs, locale)}</p>
            {lines.map((line, index) => (
              <p key={line.label} className="flex items-center gap-1.5 whitespace-nowrap">
                <span className={cn("size-1.5 rounded-full", LINE_CLASS[index])} />
                {line.label}
                <span className="tabular ml-auto pl-3 font-medium text-ink">{said(line.values[shown])}</span>
              </p>
            ))}
          </Tooltip>
        )}
      </div>
    </figure>
  );
}

/** Beside the moment, on the side with room. */
function Tooltip({ left, width, children }: { left: number; width: number; children: ReactNode }) {
  const onRight = left < width / 2;
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute top-2 z-10 rounded-md border border-line bg-raised px-2.5 py-1.5 text-ink-2 text-xs shadow-pop"
      style={onRight ? { left: left + 12 } : { right: width - left + 12 }}
    >
      {children}
    </div>
  );
}

/** Where a key leads; null for keys that lead nowhere. */
export function nextIndex(key: string, index: number, length: number): number | null {
  if (length === 0) return null;
  const page = Math.max(1, Math.round(length / 10));
  const moves: Record<string, number> = {
    ArrowLeft: index - 1,
    ArrowDown: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index + 1,
    PageDown: index - page,
    PageUp: index + page,
    Home: 0,
    End: length - 1,
  };
  const next = moves[key];
  return next === undefined ? null : Math.min(length - 1, Math.max(0, next));
}

const DAY_MS = 86_400_000;

/** "21 Nov, 14:03:15": as exact as the points are. */
export function formatMoment(at: number, stepMs: number, locale: Locale): string {
  const exact = stepMs < 60_000 ? ({ second: "2-digit" } as const) : {};
  const time = stepMs >= DAY_MS ? {} : ({ hour: "2-digit", minute: "2-digit", ...exact } as const);
  return new Intl.DateTimeFormat(DATE_LOCALES[locale], { day: "numeric", month: "short", ...time }).format(at);
}

/** The newest samples are on their way for a few steps; a value older than those is no news of now. */
const FRESH_STEPS = 4;

function lastOf(values: readonly (number | null)[], format: (value: number) => string): string {
  const last = values.slice(-FRESH_STEPS).findLast((value) => value !== null);
  return last === undefined || last === null ? "" : format(last);
}
