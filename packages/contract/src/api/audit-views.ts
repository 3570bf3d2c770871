import { z } from "zod";
import { AuditAction, AuditResult } from "../audit";
import { OrganizationId, UserId } from "../ids";

/** In years of four digits: Postgres reads no others. */
const When = z.date().min(new Date("0001-01-01T00:00:00Z")).max(new Date("9999-12-31T23:59:59Z"));

export const AuditFilter = z.object({
  organizationId: OrganizationId,
  /** `system`: what nobody signed in asked for. */
  actor: z
    .union([UserId, z.literal("system")])
    .nullable()
    .default(null),
  action: AuditAction.nullable().default(null),
  /** The id of the thing it was done to. */
  target: z
    .string()
    .regex(/^[^\0]*$/)
    .max(60)
    .nullable()
    .default(null),
  from: When.nullable().default(null),
  until: When.nullable().default(null),
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

/** What belongs to no organization: sign-ins, accounts, sizes, the organizations themselves. */
export const InstallationAuditInput = AuditListInput.omit({ organizationId: true });

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
