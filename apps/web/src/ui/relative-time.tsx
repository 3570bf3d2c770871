"use client";

import { useNow } from "./clock";

const UNITS: readonly [limitSeconds: number, secondsPerUnit: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, "second"],
  [3_600, 60, "minute"],
  [86_400, 3_600, "hour"],
  [2_592_000, 86_400, "day"],
  [31_536_000, 2_592_000, "month"],
  [Number.POSITIVE_INFINITY, 31_536_000, "year"],
];

/** "just now", "3 minutes ago", "in 2 hours". Times in ms since the epoch. */
export function relativeTime(at: number, now: number): string {
  const seconds = (at - now) / 1_000;
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [limit, per, unit] of UNITS) {
    if (size < limit) return format.format(Math.trunc(seconds / per), unit);
  }
  return "";
}

export function RelativeTime({ date, className }: { date: Date; className?: string }) {
  const now = useNow();
  return (
    <time
      dateTime={date.toISOString()}
      title={now === null ? undefined : date.toLocaleString()}
      suppressHydrationWarning
      className={className ?? "whitespace-nowrap"}
    >
      {now === null ? date.toISOString().slice(0, 10) : relativeTime(date.getTime(), now)}
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
