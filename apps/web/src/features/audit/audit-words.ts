import type { AuditResult } from "@indium/contract/audit";
import { AUDIT_ACTIONS } from "@indium/contract/plain/audit-actions";
import type { useTranslations } from "use-intl/react";
import { oneOf } from "@/lib/one-of";
import type { Tone } from "@/ui/tone";

/** What somebody did, to be read between who and on what: "Ada *started* web-1". What a newer version wrote is shown by its name. */
export function auditWords(action: string, t: ReturnType<typeof useTranslations<"audit">>): string {
  const known = oneOf(AUDIT_ACTIONS, action);
  return known === null ? action : t(`actions.${known}`);
}

export const RESULT_TONE: Record<AuditResult, Tone> = { success: "good", failed: "bad", denied: "warn" };

/** "vcpus: 1 → 4; reason: its disk fails". Bytes and the like are left as they are: this is the record. */
export function detailWords(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => `${name}: ${valueWords(value)}`)
    .join("; ");
}

function valueWords(value: unknown): string {
  if (typeof value === "object" && value !== null && "from" in value && "to" in value) return `${plain(value.from)} → ${plain(value.to)}`;
  return plain(value);
}

const plain = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));
