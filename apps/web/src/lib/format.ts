/** A progress report as a fraction, or null when nobody knows how much there is. */
export function progressFraction(progress: { done: number; total: number | null } | null): number | null {
  if (progress === null || progress.total === null || progress.total <= 0) return null;
  return Math.min(1, progress.done / progress.total);
}

/** A long hash, with enough of it to compare at a glance. */
export function shortHash(hash: string): string {
  return hash.length <= 16 ? hash : `${hash.slice(0, 12)}…`;
}
