import { z } from "zod";
import { AuditAction, AuditResult } from "../audit";
import { OrganizationId, UserId } from "../ids";

export const AuditFilter = z.object({
  organizationId: OrganizationId,
  /** `system`: what nobody signed in asked for. */
  actor: z
    .union([UserId, z.literal("system")])
    .nullable()
    .default(null),
  action: AuditAction.nullable().default(null),
  /** The id of the thing it was done to. */
  target: z.string().max(60).nullable().default(null),
  from: z.date().nullable().default(null),
  until: z.date().nullable().default(null),
});
export type AuditFilter = z.input<typeof AuditFilter>;

export const AuditListInput = AuditFilter.extend({
  /** The last event of the page before. */
  cursor: z
    .string()
    .regex(/^\d{1,18}$/)
    .nullable()
    .default(null),
  limit: z.number().int().min(1).max(200).default(50),
});

export const AuditEventView = z.object({
  id: z.string(),
  at: z.date(),
  /** Null: nobody signed in (a relay, a host, the command line), or an account that is gone. */
  actor: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
  /** One of `AuditAction`, or what a newer version wrote. */
  action: z.string(),
  target: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
  result: AuditResult,
  remoteAddress: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
});
export type AuditEventView = z.infer<typeof AuditEventView>;

export const AuditListOutput = z.object({ items: z.array(AuditEventView), nextCursor: z.string().nullable() });

/** Who has done something here, for the filter. */
export const AuditActors = z.array(z.object({ id: UserId, name: z.string() }));
