/**
 * A long list as the stretches of it that were loaded. Each begins after one row and ends with another (the contract's list range), so that
 * one stretch can be asked for again alone, and what came or went shows there without shifting the others.
 */
export interface ListRange {
  readonly cursor: string | null;
  readonly until: string | null;
}

export interface ListPage<Row> {
  readonly items: readonly Row[];
  readonly nextCursor: string | null;
  readonly total: number | null;
}

/** Where each stretch begins; the first at the top, which is null. */
export type Boundaries = readonly (string | null)[];
export const AT_THE_TOP: Boundaries = [null];

/** Rows of one answer. */
export const PAGE_ROWS = 100;
/** What a list asks for first; its page's server asks for the same. */
export const FIRST_PAGE = { cursor: null, until: null, limit: PAGE_ROWS } as const;

export function rangeAt(boundaries: Boundaries, index: number): ListRange {
  return { cursor: boundaries[index] ?? null, until: boundaries[index + 1] ?? null };
}

/** A stretch that holds more than one answer takes becomes two, the second to be loaded; the last one's second is the list's next page. */
export function splitAt(boundaries: Boundaries, index: number, cursor: string): Boundaries {
  return boundaries.includes(cursor) ? boundaries : [...boundaries.slice(0, index + 1), cursor, ...boundaries.slice(index + 1)];
}

/**
 * Every row once, in order. A row that moved in the order is met twice until both stretches have been asked for again: its first place counts.
 * Rows after a stretch that is not there yet wait for it, because a gap would look like an end.
 */
export function rowsOf<Row>(pages: readonly (ListPage<Row> | undefined)[], key: (row: Row) => string): readonly Row[] {
  const seen = new Set<string>();
  const rows: Row[] = [];
  for (const page of pages) {
    if (page === undefined) break;
    for (const row of page.items) {
      const id = key(row);
      if (seen.has(id)) continue;
      seen.add(id);
      rows.push(row);
    }
  }
  return rows;
}

/** The stretches that rows `first` to `last` lie in, and the neighbours one may scroll into at any moment. */
export function pagesInSight<Row>(
  pages: readonly (ListPage<Row> | undefined)[],
  first: number,
  last: number,
): { readonly from: number; readonly to: number } {
  let start = 0;
  let from = pages.length - 1;
  let to = 0;
  for (const [index, page] of pages.entries()) {
    const end = start + (page?.items.length ?? 0);
    if (end > first) from = Math.min(from, index);
    if (start <= last) to = index;
    start = end;
  }
  return { from, to };
}
