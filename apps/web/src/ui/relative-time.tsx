"use client";

import { useFormat } from "@/lib/i18n/use-format";
import { useNow } from "./clock";

export function RelativeTime({ date, className }: { date: Date; className?: string }) {
  const format = useFormat();
  const now = useNow();
  return (
    <time
      dateTime={date.toISOString()}
      title={now === null ? undefined : format.dateTime(date)}
      suppressHydrationWarning
      className={className ?? "whitespace-nowrap"}
    >
      {now === null ? date.toISOString().slice(0, 10) : format.relative(date.getTime(), now)}
    </time>
  );
}

/** "1:05", "12 s", "2:03:09": what is left until then, never below zero. */
export function remaining(untilMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.ceil((untilMs - nowMs) / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const pad = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${pad(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}

export function Countdown({ until, className }: { until: Date; className?: string }) {
  const now = useNow();
  return (
    <time role="timer" dateTime={until.toISOString()} className={className ?? "tabular whitespace-nowrap"}>
      {now === null ? "" : remaining(until.getTime(), now)}
    </time>
  );
}
