"use client";

import { keepPreviousData, type QueryKey, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import {
  AT_THE_TOP,
  type Boundaries,
  FIRST_PAGE,
  type ListPage,
  type ListRange,
  PAGE_ROWS,
  pagesInSight,
  rangeAt,
  rowsOf,
  splitAt,
} from "./list-pages";

/** A stretch that is asked for again may have grown. */
const GROWN_ROWS = 200;
/** The next page is asked for while this many rows are still below what is seen. */
const AHEAD_ROWS = 40;

export interface LongListSource<Row> {
  readonly key: (range: ListRange & { limit: number }) => QueryKey;
  readonly fetch: (range: ListRange & { limit: number }) => Promise<ListPage<Row>>;
}

export interface LongList<Row> {
  /** Undefined until the first page is there; the old rows stay while another filter's are asked for. */
  readonly data: { readonly rows: readonly Row[]; readonly total: number } | undefined;
  readonly error: unknown;
  readonly refetch: () => void;
  /** More follow the last row. */
  readonly more: boolean;
  /** The rows shown are those of what was asked for before. */
  readonly outdated: boolean;
  /** The table says which rows are seen: those are kept fresh, and what comes next is loaded. */
  readonly onVisible: (first: number, last: number) => void;
  /** Changes when it is another list: another filter or order. */
  readonly identity: string;
}

/** The same function on every render, so that the rows stay the same until an answer differs. */
const dataOf = <Page>(results: readonly { readonly data: Page | undefined }[]) => results.map((result) => result.data);

/** How far each list was loaded, so that coming back to it finds the same length to scroll in. Small, and gone with the tab. */
const remembered = new Map<string, Boundaries>();
const REMEMBERED_LISTS = 20;

/**
 * A list of any length, page by page as it is scrolled. A live change asks again for what is in sight and for the top, never for everything
 * that was scrolled past: those pages are asked for again when they come back into sight.
 */
export function useLongList<Row extends { readonly id: string }>(source: LongListSource<Row>): LongList<Row> {
  const queryClient = useQueryClient();
  const identity = JSON.stringify(source.key(FIRST_PAGE));
  const [loaded, setLoaded] = useState<{ identity: string; boundaries: Boundaries }>({
    identity,
    boundaries: remembered.get(identity) ?? AT_THE_TOP,
  });
  const boundaries = loaded.identity === identity ? loaded.boundaries : (remembered.get(identity) ?? AT_THE_TOP);
  const [sight, setSight] = useState({ from: 0, to: 0 });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the identity stands for the source
  const optionsOf = useCallback(
    (all: Boundaries, index: number) => {
      const range = rangeAt(all, index);
      const bounded = { ...range, limit: range.until === null ? PAGE_ROWS : GROWN_ROWS };
      return { queryKey: source.key(bounded), queryFn: () => source.fetch(bounded) };
    },
    [identity],
  );
  const top = useQuery({ ...optionsOf(boundaries, 0), placeholderData: keepPreviousData });
  const rest = useQueries({
    queries: boundaries.slice(1).map((_, index) => ({
      ...optionsOf(boundaries, index + 1),
      enabled: index + 1 >= sight.from - 1 && index + 1 <= sight.to + 1,
    })),
    combine: dataOf,
  });
  const outdated = top.isPlaceholderData;
  const pages = useMemo(() => [top.data, ...(outdated ? [] : rest)], [top.data, outdated, rest]);
  const rows = useMemo(() => rowsOf(pages, (row) => row.id), [pages]);

  const extend = useCallback(
    (index: number, cursor: string) => {
      const next = splitAt(boundaries, index, cursor);
      if (next === boundaries) return;
      // The page is the same as before; only its end is known now.
      const before = queryClient.getQueryState<ListPage<Row>>(optionsOf(boundaries, index).queryKey);
      if (before?.data !== undefined)
        queryClient.setQueryData<ListPage<Row>>(
          optionsOf(next, index).queryKey,
          { ...before.data, nextCursor: null },
          { updatedAt: before.dataUpdatedAt },
        );
      remembered.delete(identity);
      remembered.set(identity, next);
      for (const [oldest] of remembered) {
        if (remembered.size <= REMEMBERED_LISTS) break;
        remembered.delete(oldest);
      }
      setLoaded({ identity, boundaries: next });
    },
    [boundaries, identity, queryClient, optionsOf],
  );

  // A stretch with an end that holds more than its answer took.
  useEffect(() => {
    if (outdated) return;
    for (const [index, page] of pages.entries())
      if (page !== undefined && page.nextCursor !== null && index < boundaries.length - 1) {
        extend(index, page.nextCursor);
        return;
      }
  }, [pages, boundaries, extend, outdated]);

  const last = outdated ? undefined : pages[boundaries.length - 1];
  const onVisible = useCallback(
    (firstRow: number, lastRow: number) => {
      const seen = pagesInSight(pages, firstRow, lastRow);
      setSight((now) => (now.from === seen.from && now.to === seen.to ? now : seen));
      if (last !== undefined && last.nextCursor !== null && lastRow >= rows.length - AHEAD_ROWS)
        extend(boundaries.length - 1, last.nextCursor);
    },
    [pages, last, rows.length, boundaries.length, extend],
  );

  return {
    data: top.data === undefined ? undefined : { rows, total: Math.max(top.data.total ?? 0, rows.length) },
    error: top.error,
    refetch: () => void top.refetch(),
    more: !outdated && (pages.includes(undefined) || (last?.nextCursor ?? null) !== null),
    outdated,
    onVisible,
    identity,
  };
}
