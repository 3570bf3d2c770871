/**
 * A VM that ended by itself is started again after 1, 2, 4, 8, 16 s; the sixth end within ten minutes is the last.
 * Ends outside the window are forgotten.
 */
export const CRASH_WINDOW_MS = 10 * 60_000;
export const CRASH_DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 16_000] as const;

export type CrashVerdict =
  | { readonly kind: "start" }
  | { readonly kind: "wait"; readonly untilMs: number; readonly tries: number }
  | { readonly kind: "giveUp" };

export function crashVerdict(crashes: readonly number[], now: number): CrashVerdict {
  const recent = recentCrashes(crashes, now);
  const last = recent.at(-1);
  if (last === undefined) return { kind: "start" };
  const delay = CRASH_DELAYS_MS[recent.length - 1];
  if (delay === undefined) return { kind: "giveUp" };
  const untilMs = last + delay;
  return now >= untilMs ? { kind: "start" } : { kind: "wait", untilMs, tries: recent.length };
}

/** Those that count, oldest first. A clock set back does not make old ones recent for ever. */
export function recentCrashes(crashes: readonly number[], now: number): number[] {
  return crashes.filter((at) => at > now - CRASH_WINDOW_MS && at <= now);
}
