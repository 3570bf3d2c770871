// biome-ignore-all lint/a11y/noRedundantRoles: `display: block` takes a table's meaning away; the roles give it back
"use client";

import { Fragment, useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { cn } from "./cn";
import { Cells, type Column, cellClass, headerClass, ROW_CLASS } from "./data-table";
import { Skeleton } from "./skeleton";
import { ariaSort, SortHeader, type TableSort } from "./sort-header";
import { useVirtualRows } from "./virtual-rows";

interface VirtualTableProps<Row> {
  /** Names the table for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Of all rows there are, also of those not loaded. */
  total: number;
  /** Of the list: another one begins at its top. */
  identity: string;
  /** More rows follow: placeholders stand where they will. */
  more: boolean;
  /** The rows are of another filter than the one asked for. */
  outdated?: boolean;
  onVisible: (first: number, last: number) => void;
  sort?: TableSort;
  onSort?: (sort: TableSort) => void;
  isSelected?: (row: Row) => boolean;
}

const PLACEHOLDERS = 6;
const ROW_PX = 49;
const CARD_PX = 220;
const CARD_BELOW_PX = 640;
const isNarrow = () => window.innerWidth < CARD_BELOW_PX;
const onResize = (changed: () => void) => {
  window.addEventListener("resize", changed);
  return () => window.removeEventListener("resize", changed);
};
/** What sticks above the first row: the table's header, and the page's on a narrow window. */
const HEADERS_PX = 100;

/**
 * A `DataTable` of any length: only the rows in sight are in the page, between two empty rows as high as all the others, and the window
 * scrolls. Screen readers are told how many rows there are and which one each is. The row with the keyboard stays in the page wherever one
 * scrolls to, and rows that come or go above what is read do not move it.
 */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { label, columns, rows, rowKey, total, identity, more, outdated = false, onVisible, sort, onSort, isSelected } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [margin, setMargin] = useState(0);
  const [focused, setFocused] = useState<string | null>(null);
  const focusedIndex = focused === null ? -1 : rows.findIndex((row) => rowKey(row) === focused);
  const count = rows.length + (more ? PLACEHOLDERS : 0);
  const narrow = useSyncExternalStore(onResize, isNarrow, () => false);

  const { items, first, last, end, startOf, measure } = useVirtualRows({
    count,
    rowPx: narrow ? CARD_PX : ROW_PX,
    margin,
    // biome-ignore lint/correctness/useExhaustiveDependencies: `rowKey` is the same function in meaning on every render
    keyOf: useCallback(
      (index: number) => {
        const row = rows[index];
        return row === undefined ? `placeholder-${index - rows.length}` : rowKey(row);
      },
      [rows],
    ),
    keptIndex: focusedIndex,
  });

  // What stands above the table may change its height (a notice, the filters on a narrow window).
  useLayoutEffect(() => {
    const top = Math.round((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    setMargin((before) => (Math.abs(before - top) > 1 ? top : before));
  });

  useStableScroll({ rows, rowKey, identity, margin, startOf });

  useEffect(() => onVisible(first, last), [first, last, onVisible]);

  let filled = margin;
  return (
    <table
      role="table"
      aria-label={label}
      aria-rowcount={total + 1}
      aria-busy={outdated || undefined}
      // The browser's own anchoring would move by the same rows once more.
      className="block w-full table-fixed border-collapse text-left [overflow-anchor:none] sm:table"
    >
      <thead role="rowgroup" className="hidden sm:table-header-group">
        <tr role="row" aria-rowindex={1}>
          {columns.map((column) => (
            <th
              key={column.key}
              role="columnheader"
              scope="col"
              aria-sort={ariaSort(sort, column.sort)}
              className={cn(
                "sticky top-14 z-10 bg-surface shadow-[inset_0_-1px_0_var(--line)] first:rounded-tl-xl last:rounded-tr-xl lg:top-0",
                headerClass(column),
              )}
            >
              {column.sort !== undefined && sort !== undefined && onSort !== undefined ? (
                <SortHeader column={column.sort} sort={sort} onSort={onSort}>
                  {column.header}
                </SortHeader>
              ) : (
                column.header
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody
        ref={body}
        role="rowgroup"
        className={cn("block transition-opacity sm:table-row-group", outdated && "opacity-60")}
        onFocus={(event) => setFocused(event.target.closest("tr[data-row]")?.getAttribute("data-row") ?? null)}
      >
        {items.map((item) => {
          const gap = item.start - filled;
          filled = item.end;
          const row = rows[item.index];
          return (
            <Fragment key={item.key}>
              {gap > 0 ? <Spacer height={gap} /> : null}
              {row === undefined ? (
                <tr ref={measure} data-index={item.index} aria-hidden className={cn(ROW_CLASS, "border-line border-t max-sm:h-40")}>
                  {columns.map((column) => (
                    <td key={column.key} className={cellClass(column)}>
                      {column.bare ? null : <Skeleton className="h-4 w-3/4 rounded" />}
                    </td>
                  ))}
                </tr>
              ) : (
                <tr
                  ref={measure}
                  data-index={item.index}
                  data-row={rowKey(row)}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={isSelected?.(row)}
                  className={cn(ROW_CLASS, item.index > 0 && "border-line border-t", isSelected?.(row) && "bg-accent-soft")}
                >
                  <Cells columns={columns} row={row} />
                </tr>
              )}
            </Fragment>
          );
        })}
        {end > filled ? <Spacer height={end - filled} /> : null}
      </tbody>
    </table>
  );
}

/** As high as the rows that are not in the page. One cell: spanning columns that are hidden would make room for them. */
function Spacer({ height }: { height: number }) {
  return (
    <tr aria-hidden className="block sm:table-row" style={{ height }}>
      <td className="p-0" />
    </tr>
  );
}

interface StableScroll<Row> {
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  identity: string;
  margin: number;
  startOf: (index: number) => number | undefined;
}

/** Keeps the first row in sight where it is when rows above it come or go; another list is shown from its top. */
function useStableScroll<Row>({ rows, rowKey, identity, margin, startOf }: StableScroll<Row>): void {
  const anchor = useRef<{ key: string; start: number } | null>(null);
  const shown = useRef(identity);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only other rows move what is in sight; sizes are the virtualizer's affair
  useLayoutEffect(() => {
    const before = anchor.current;
    if (shown.current !== identity) {
      shown.current = identity;
      anchor.current = null;
      if (window.scrollY > margin) window.scrollTo({ top: Math.max(0, margin - HEADERS_PX) });
      return;
    }
    if (before === null || window.scrollY <= margin) return;
    const start = startOf(rows.findIndex((row) => rowKey(row) === before.key));
    if (start !== undefined && start !== before.start) window.scrollBy({ top: start - before.start });
  }, [rows, identity]);
  useLayoutEffect(() => {
    let low = 0;
    let high = rows.length - 1;
    // The last row that begins above the window's edge.
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((startOf(middle) ?? Number.POSITIVE_INFINITY) <= window.scrollY) low = middle;
      else high = middle - 1;
    }
    const row = rows[low];
    const start = startOf(low);
    anchor.current = row === undefined || start === undefined ? null : { key: rowKey(row), start };
  });
}
