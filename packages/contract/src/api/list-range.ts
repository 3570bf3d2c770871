import { z } from "zod";

export const SortDirection = z.enum(["asc", "desc"]);
export type SortDirection = z.infer<typeof SortDirection>;

const Cursor = z.string().max(1_000).nullable().default(null);

/**
 * Which part of a long list: up to `limit` rows after `cursor` and, where given, up to and with `until`. Both are rows' own places in the
 * order, so a part that is asked for again is the same part, whatever came or went before it.
 */
export const LIST_RANGE = {
  direction: SortDirection.default("desc"),
  cursor: Cursor,
  until: Cursor,
  limit: z.number().int().min(1).max(200).default(100),
} as const;
