/** What was probably meant: the known word at most two slips away; null when there is none. */
export function nearest(word: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.min(3, Math.max(2, word.length - 1));
  for (const candidate of known) {
    const slips = distance(candidate, word);
    if (slips < bestDistance) [best, bestDistance] = [candidate, slips];
  }
  return best;
}

/** Levenshtein's, bounded by the words' short lengths; 3 for all that is further away by length alone. */
function distance(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > 2) return 3;
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++)
      next[j] = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1));
    row = next;
  }
  return row[right.length] ?? 0;
}
