import { readForeignJson } from "@indium/tunnel/foreign-json";
import { z } from "zod";
import type { GuestEvent } from "./types";

/** What cloud-init's WebHookHandler posts: ReportingEvent.as_dict (cloudinit/reporting/events.py). A guest may post anything. */
const CloudInitReport = z.looseObject({
  name: z.string().min(1).max(200),
  event_type: z.enum(["start", "finish"]),
  description: z.string().default(""),
  timestamp: z.number().optional().catch(undefined),
  result: z.enum(["SUCCESS", "WARN", "FAIL"]).optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
});

const MAX_DESCRIPTION = 2_000;
const MAX_DETAIL = 16_000;

/** The event, bounded and free of control characters; null when the body is none. */
export function parseGuestReport(body: string): Extract<GuestEvent, { kind: "stage" }> | null {
  const parsed = CloudInitReport.safeParse(readForeignJson(body));
  if (!parsed.success) return null;
  const { name, event_type, description, timestamp, result, detail } = parsed.data;
  return {
    kind: "stage",
    name: printable(name),
    phase: event_type,
    result: event_type === "finish" ? (result ?? null) : null,
    description: printable(description).slice(0, MAX_DESCRIPTION),
    timestamp: timestamp !== undefined && Number.isFinite(timestamp) ? timestamp : null,
    detail: detail === undefined ? null : printable(detail).slice(-MAX_DETAIL),
  };
}

// Terminal escapes of a hostile guest must not reach an administrator's log; new lines and tabs may.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const printable = (value: string): string => value.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
