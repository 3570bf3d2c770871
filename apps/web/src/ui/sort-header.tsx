"use client";

import { ArrowDown, ArrowUp, ChevronsUpDown } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn";

export interface TableSort {
  readonly key: string;
  readonly direction: "asc" | "desc";
}

/** What `aria-sort` of the header says. */
export function ariaSort(sort: TableSort | undefined, key: string | undefined): "ascending" | "descending" | "none" | undefined {
  if (sort === undefined || key === undefined) return undefined;
  if (sort.key !== key) return "none";
  return sort.direction === "asc" ? "ascending" : "descending";
}

interface SortHeaderProps {
  column: string;
  sort: TableSort;
  onSort: (sort: TableSort) => void;
  children: ReactNode;
}

/** A column's heading that sorts by it, and the other way round when pressed again. */
export function SortHeader({ column, sort, onSort, children }: SortHeaderProps) {
  const active = sort.key === column;
  const Arrow = !active ? ChevronsUpDown : sort.direction === "asc" ? ArrowUp : ArrowDown;
  return (
    <button
      type="button"
      onClick={() => onSort({ key: column, direction: active && sort.direction === "asc" ? "desc" : "asc" })}
      className={cn("-mx-1 inline-flex items-center gap-1 rounded px-1 py-1 hover:text-ink", active && "text-ink")}
    >
      {children}
      <Arrow aria-hidden className={cn("size-3", !active && "opacity-50")} />
    </button>
  );
}
