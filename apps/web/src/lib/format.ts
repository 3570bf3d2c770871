/** Numbers and times as people read them. Sizes in powers of 1024, named so. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

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

/** "512 MiB", "1.5 GiB", "14 MiB": at most one decimal, and none that is zero. */
export function formatBytes(bytes: number): string {
  const { value, unit } = scale(bytes);
  const text = value < 10 ? value.toFixed(1).replace(/\.0$/, "") : String(Math.round(value));
  return `${text} ${unit}`;
}

/** "3.1 of 16 GiB": both in the unit of the whole. */
export function formatBytesOf(part: number, whole: number): string {
  const { unit } = scale(whole);
  const power = 1024 ** UNITS.indexOf(unit);
  const show = (bytes: number) => {
    const value = bytes / power;
    return value < 10 ? value.toFixed(1).replace(/\.0$/, "") : String(Math.round(value));
  };
  return `${show(part)} of ${show(whole)} ${unit}`;
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** 0.123 → "12 %"; what is not nothing is never written as nothing. */
export function formatPercent(fraction: number): string {
  const percent = fraction * 100;
  if (percent > 0 && percent < 1) return "< 1 %";
  return `${Math.round(percent)} %`;
}

/** Seconds of a timeline: "0.4 s", "12.3 s", "1 min 05 s", "2 h 03 min". */
export function formatSeconds(seconds: number): string {
  const value = Math.max(0, seconds);
  if (value < 60) return `${value.toFixed(1)} s`;
  const whole = Math.floor(value);
  const pad = (part: number) => String(part).padStart(2, "0");
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3_600)} h ${pad(Math.floor((whole % 3_600) / 60))} min`;
}

/** How long something has run: "4 days", "3 h 12 min", "45 s". */
export function formatUptime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return plural(Math.floor(seconds / 86_400), "day");
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** "2 vCPUs · 4 GiB" */
export function formatShape(vcpus: number, memoryBytes: number): string {
  return `${plural(vcpus, "vCPU")} · ${formatBytes(memoryBytes)}`;
}

/** A progress report as a fraction, or null when nobody knows how much there is. */
export function progressFraction(progress: { done: number; total: number | null } | null): number | null {
  if (progress === null || progress.total === null || progress.total <= 0) return null;
  return Math.min(1, progress.done / progress.total);
}

export function formatProgress(progress: { done: number; total: number | null; unit: "bytes" | "steps" } | null): string {
  if (progress === null) return "";
  if (progress.unit === "steps") return progress.total === null ? `step ${progress.done}` : `step ${progress.done} of ${progress.total}`;
  return progress.total === null ? formatBytes(progress.done) : formatBytesOf(progress.done, progress.total);
}

/** A long hash, with enough of it to compare at a glance. */
export function shortHash(hash: string): string {
  return hash.length <= 16 ? hash : `${hash.slice(0, 12)}…`;
}
