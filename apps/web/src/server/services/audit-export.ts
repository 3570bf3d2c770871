import { type AuditEventView, AuditFilter } from "@indium/contract/api/audit-views";
import { AppError } from "@indium/contract/errors";
import type { z } from "zod";
import type { Db } from "../db";
import { auditPages } from "./audit-list";

export const AUDIT_FORMATS = ["csv", "json"] as const;
export type AuditFormat = (typeof AUDIT_FORMATS)[number];

/** The page's own filter, as an address carries it. @throws AppError `bad_request`. */
export function auditFilterOf(organizationId: string, query: URLSearchParams): z.output<typeof AuditFilter> {
  const date = (name: string): Date | null => {
    const text = query.get(name);
    return text === null ? null : new Date(text);
  };
  const parsed = AuditFilter.safeParse({
    organizationId,
    actor: query.get("actor"),
    action: query.get("action"),
    target: query.get("target"),
    from: date("from"),
    until: date("until"),
  });
  if (!parsed.success) throw new AppError("bad_request", "This filter cannot be used. Take the link from the audit page.");
  return parsed.data;
}

/** Newest first; what is older than that many is asked for with another time. */
export const EXPORT_LIMIT = 100_000;
const PAGE_SIZE = 1_000;
const COLUMNS = ["time", "actor", "actor id", "action", "target kind", "target id", "target", "result", "address", "detail"] as const;

/** The log as a file, written while it is read: memory holds one page of it. Its end says when it was cut at `EXPORT_LIMIT`. */
export async function* exportAudit(
  db: Db,
  filter: z.output<typeof AuditFilter>,
  format: AuditFormat,
  limit: number = EXPORT_LIMIT,
): AsyncGenerator<string> {
  let written = 0;
  let cut = false;
  yield format === "csv" ? `${COLUMNS.join(",")}\r\n` : '{"events":[';
  for await (const page of auditPages(db, filter, Math.min(PAGE_SIZE, limit + 1))) {
    const events = page.slice(0, limit - written);
    cut = events.length < page.length;
    if (format === "csv") yield events.map(csvLine).join("");
    else if (events.length > 0) yield `${written === 0 ? "" : ","}\n${events.map((event) => JSON.stringify(event)).join(",\n")}`;
    written += events.length;
    if (cut) break;
  }
  if (format === "json") yield `\n],"truncated":${cut}}\n`;
  else if (cut) yield `# cut after ${limit} events: ask for an earlier time to get the rest\r\n`;
}

function csvLine(event: AuditEventView): string {
  const detail = Object.keys(event.detail).length === 0 ? "" : JSON.stringify(event.detail);
  const cells = [
    event.at.toISOString(),
    event.actor?.name ?? "",
    event.actor?.id ?? "",
    event.action,
    event.target.kind,
    event.target.id ?? "",
    event.target.name ?? "",
    event.result,
    event.remoteAddress ?? "",
    detail,
  ];
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** RFC 4180. A spreadsheet takes a cell that begins so for a formula, and names are what people type: they are told apart by an apostrophe. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
