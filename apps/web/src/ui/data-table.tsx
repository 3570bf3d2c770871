// biome-ignore-all lint/a11y/noRedundantRoles: `display: block` takes a table's meaning away; the roles give it back
"use client";

import type { ReactNode } from "react";
import { cn } from "./cn";

export interface Column<Row> {
  key: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  align?: "start" | "end";
  /** The row's own name: the first line of its card on a small screen. */
  primary?: boolean;
  /** No label in the card (a menu of actions, a badge that speaks for itself). */
  bare?: boolean;
  /** Left out below this width; the card on a small screen shows it. */
  from?: "md" | "lg" | "xl" | "2xl";
  /** Left out of the card on a small screen: what one opens the row for. */
  card?: false;
  /** Takes what the others leave, and cuts its details short before it pushes them out. */
  grows?: boolean;
  className?: string;
  /** The table can be sorted by it, under this name. */
  sort?: string;
}

interface DataTableProps<Row> {
  /** Names the table for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  className?: string;
}

const FROM = { md: "sm:max-md:hidden", lg: "sm:max-lg:hidden", xl: "sm:max-xl:hidden", "2xl": "sm:max-2xl:hidden" } as const;
const GROWS = "sm:w-full sm:max-w-0";

/**
 * A table that becomes a list of cards below 640 px. Roles are written out because `display: block` takes a table's
 * meaning from assistive technology.
 */
export function DataTable<Row>({ label, columns, rows, rowKey, className }: DataTableProps<Row>) {
  return (
    <div className="relative overflow-x-auto">
      <table role="table" aria-label={label} className={cn("block w-full border-collapse text-left sm:table", className)}>
        <thead role="rowgroup" className="hidden border-line border-b sm:table-header-group">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.key} role="columnheader" scope="col" className={headerClass(column)}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" className="block divide-y divide-line sm:table-row-group">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row" className={ROW_CLASS}>
              <Cells columns={columns} row={row} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export const ROW_CLASS = "relative block px-4 py-3 sm:table-row sm:p-0 sm:hover:bg-hover/50";

export function headerClass<Row>(column: Column<Row>): string {
  return cn(
    "h-9 whitespace-nowrap px-4 font-medium text-ink-3 text-xs first:pl-4",
    column.align === "end" && "text-right",
    column.grows && GROWS,
    column.from && FROM[column.from],
    column.className,
  );
}

export function cellClass<Row>(column: Column<Row>): string {
  return cn(
    "flex min-w-0 items-center justify-between gap-4 py-1 sm:table-cell sm:h-12 sm:px-4 sm:py-2",
    column.align === "end" && "sm:text-right",
    column.primary && "pr-10 font-medium sm:pr-4",
    column.grows ? GROWS : column.primary && "sm:max-w-72",
    column.bare && "max-sm:justify-start",
    column.from && FROM[column.from],
    column.card === false && "max-sm:hidden",
    column.className,
  );
}

/** A row's cells, and on a small screen the lines of its card. */
export function Cells<Row>({ columns, row }: { columns: readonly Column<Row>[]; row: Row }) {
  return columns.map((column) => (
    <td key={column.key} role="cell" className={cellClass(column)}>
      {column.primary || column.bare ? null : (
        <span aria-hidden className="shrink-0 text-[0.8125rem] text-ink-3 sm:hidden">
          {column.header}
        </span>
      )}
      {column.cell(row)}
    </td>
  ));
}

/** Where a row's menu sits: the end of the row, or the corner of its card. */
export const WIDE_ROW_ACTIONS_CLASS = "max-sm:absolute max-sm:top-2 max-sm:right-2 max-sm:p-0 sm:w-24 sm:text-right";
export const ROW_ACTIONS_CLASS = "max-sm:absolute max-sm:top-2 max-sm:right-2 max-sm:p-0 sm:w-12 sm:text-right";
