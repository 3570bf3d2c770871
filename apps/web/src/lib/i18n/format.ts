import type { createTranslator } from "use-intl/core";
import type { Messages } from "@/locales/messages";
import type { Locale } from "./locale";

type FormatTranslator = ReturnType<typeof createTranslator<Messages, "format">>;

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const RELATIVE_UNITS: readonly [limitSeconds: number, secondsPerUnit: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, "second"],
  [3_600, 60, "minute"],
  [86_400, 3_600, "hour"],
  [2_592_000, 86_400, "day"],
  [31_536_000, 2_592_000, "month"],
  [Number.POSITIVE_INFINITY, 31_536_000, "year"],
];

function scale(bytes: number): { value: number; unit: (typeof UNITS)[number] } {
  let value = Math.max(0, bytes);
  let index = 0;
  // 1023.95 would be written "1024.0".
  while (value >= 1023.95 && index < UNITS.length - 1) {
    value /= 1024;
    index += 1;
  }
  return { value, unit: UNITS[index] ?? "B" };
}

const pad = (part: number) => String(part).padStart(2, "0");

export type Format = ReturnType<typeof formatFor>;

/** Numbers and times as people of a language read them. Sizes in powers of 1024, named so. */
export function formatFor(locale: Locale, t: FormatTranslator) {
  const grouped = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const integers = new Intl.NumberFormat(locale, { maximumFractionDigits: 0, useGrouping: false });
  const oneDecimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const relatives = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  /** At most one decimal, none that is zero, and none at all from ten on. */
  const short = (value: number) => (value < 10 ? oneDecimal : integers).format(value);

  /** 12345 → "12,345" */
  const count = (value: number): string => grouped.format(value);

  /** 2.5 → "2.5", "2,5": with a decimal where it needs one. */
  const decimal = (value: number): string => oneDecimal.format(value);

  /** "512 MiB", "1.5 GiB", "14 MiB" */
  const bytes = (value: number): string => {
    const scaled = scale(value);
    return `${short(scaled.value)} ${scaled.unit}`;
  };

  /** "3.1 of 16 GiB": both in the unit of the whole. */
  const bytesOf = (part: number, whole: number): string => {
    const { unit } = scale(whole);
    const power = 1024 ** UNITS.indexOf(unit);
    return t("bytesOf", { part: short(part / power), whole: short(whole / power), unit });
  };

  /** "2.5/s", "1,204/s": how often something happens. */
  const frequency = (perSecond: number): string => `${perSecond < 10 ? oneDecimal.format(perSecond) : count(perSecond)}/s`;

  const rate = (bytesPerSecond: number): string => `${bytes(bytesPerSecond)}/s`;

  /** 0.123 → "12 %"; what is not nothing is never written as nothing. */
  const percent = (fraction: number): string => {
    const value = fraction * 100;
    return value > 0 && value < 1 ? t("lessThanOnePercent") : `${Math.round(value)} %`;
  };

  /** Seconds of a timeline: "0.4 s", "12.3 s", "1 min 05 s", "2 h 03 min". */
  const seconds = (given: number): string => {
    const value = Math.max(0, given);
    if (value < 60) return `${tenths.format(value)} s`;
    const whole = Math.floor(value);
    if (whole < 3_600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
    return `${Math.floor(whole / 3_600)} h ${pad(Math.floor((whole % 3_600) / 60))} min`;
  };

  /** How long something has run: "4 days", "3 h 12 min", "45 s". */
  const uptime = (ms: number): string => {
    const whole = Math.max(0, Math.floor(ms / 1_000));
    if (whole < 60) return `${whole} s`;
    if (whole < 3_600) return `${Math.floor(whole / 60)} min`;
    if (whole < 86_400) return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
    return t("days", { count: Math.floor(whole / 86_400) });
  };

  /** "2 vCPUs · 4 GiB" */
  const shape = (vcpus: number, memoryBytes: number): string => `${t("vcpus", { count: vcpus })} · ${bytes(memoryBytes)}`;

  const progress = (given: { done: number; total: number | null; unit: "bytes" | "steps" } | null): string => {
    if (given === null) return "";
    const { done, total, unit } = given;
    if (unit === "steps")
      return total === null ? t("step", { done: count(done) }) : t("stepOf", { done: count(done), total: count(total) });
    return total === null ? bytes(done) : bytesOf(done, total);
  };

  /** "just now", "3 minutes ago", "in 2 hours". Times in ms since the epoch. */
  const relative = (at: number, now: number): string => {
    const difference = (at - now) / 1_000;
    const size = Math.abs(difference);
    if (size < 5) return t("justNow");
    for (const [limit, per, unit] of RELATIVE_UNITS) {
      if (size < limit) return relatives.format(Math.trunc(difference / per), unit);
    }
    return "";
  };

  /** In the reader's own time zone: only for what is written after the first paint (a server has another one). */
  const dateTime = (date: Date): string => date.toLocaleString(locale);

  return { count, decimal, bytes, bytesOf, frequency, rate, percent, seconds, uptime, shape, progress, relative, dateTime };
}
