import { z } from "zod";
import { AUDIT_ACTIONS } from "./plain/audit-actions";

export const AuditAction = z.enum(AUDIT_ACTIONS);
export type AuditAction = z.infer<typeof AuditAction>;

export const AuditResult = z.enum(["success", "failed", "denied"]);
export type AuditResult = z.infer<typeof AuditResult>;
