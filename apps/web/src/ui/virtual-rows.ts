"use client";

import type { Range, Virtualizer, VirtualizerOptions } from "@tanstack/react-virtual";
import { type Ref, useCallback, useLayoutEffect, useMemo, useReducer } from "react";
import { onDemand, useOnDemand } from "./on-demand";

/** What finds out which rows are in sight weighs more than a page: the first rows are shown without it, and it comes beside them. */
const windowing = onDemand(() => import("@tanstack/react-virtual"), true);

const OVERSCAN = 8;
/** The server knows no window: it writes as many rows into the page as a large one shows, and the browser begins with the same. */
const FIRST_ROWS = 26;

interface VirtualRowsOptions {
  count: number;
  /** Of a row that was not shown yet, px. */
  rowPx: number;
  /** Where the first row begins, from the top of the page, px. */
  margin: number;
  /** As long as it is the same function, the keys are the same. */
  keyOf: (index: number) => string;
  /** Stays in the page wherever one scrolls to; -1: none. */
  keptIndex: number;
}

export interface VirtualRows {
  readonly items: readonly { readonly index: number; readonly key: string; readonly start: number; readonly end: number }[];
  /** In sight. */
  readonly first: number;
  readonly last: number;
  /** Where the last of all rows ends, px. */
  readonly end: number;
  readonly startOf: (index: number) => number | undefined;
  /** For each row's element, which says its index as `data-index`. */
  readonly measure: Ref<HTMLTableRowElement>;
}

/** Which rows of a long table belong into the page, while the window scrolls. */
export function useVirtualRows({ count, rowPx, margin, keyOf, keptIndex }: VirtualRowsOptions): VirtualRows {
  const parts = useOnDemand(windowing);
  const [, rerender] = useReducer((renders: number) => renders + 1, 0);
  const rangeExtractor = useCallback(
    (range: Range) => {
      const shown = parts?.defaultRangeExtractor(range) ?? [];
      return keptIndex < 0 || shown.includes(keptIndex) ? shown : [...shown, keptIndex].sort((left, right) => left - right);
    },
    [parts, keptIndex],
  );
  const options: VirtualizerOptions<Window, HTMLTableRowElement> | null =
    parts === null
      ? null
      : {
          count,
          estimateSize: () => rowPx,
          initialRect: { width: window.innerWidth, height: window.innerHeight },
          initialOffset: () => window.scrollY,
          overscan: OVERSCAN,
          scrollMargin: margin,
          getItemKey: keyOf,
          rangeExtractor,
          getScrollElement: () => window,
          observeElementRect: parts.observeWindowRect,
          observeElementOffset: parts.observeWindowOffset,
          scrollToFn: parts.windowScroll,
          onChange: () => rerender(),
        };
  // What its own hook does with it, which cannot come later than the component that calls it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: one for as long as the table is there; options are set below
  const virtualizer = useMemo<Virtualizer<Window, HTMLTableRowElement> | null>(
    () => (parts === null || options === null ? null : new parts.Virtualizer<Window, HTMLTableRowElement>(options)),
    [parts],
  );
  if (options !== null) virtualizer?.setOptions(options);
  useLayoutEffect(() => virtualizer?._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer?._willUpdate());

  if (virtualizer === null) {
    const items = Array.from({ length: Math.min(count, FIRST_ROWS) }, (_, index) => ({
      index,
      key: keyOf(index),
      start: margin + index * rowPx,
      end: margin + (index + 1) * rowPx,
    }));
    return {
      items,
      first: 0,
      last: Math.max(0, items.length - 1),
      end: margin + count * rowPx,
      startOf: (index) => margin + index * rowPx,
      measure: null,
    };
  }
  const items = virtualizer.getVirtualItems().map(({ index, key, start, end }) => ({ index, key: String(key), start, end }));
  return {
    items,
    first: virtualizer.range?.startIndex ?? 0,
    last: virtualizer.range?.endIndex ?? 0,
    end: margin + virtualizer.getTotalSize(),
    startOf: (index) => virtualizer.measurementsCache[index]?.start,
    measure: virtualizer.measureElement,
  };
}
