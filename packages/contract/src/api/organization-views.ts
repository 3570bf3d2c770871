import { z } from "zod";
import { InvitationId, OrganizationId, SiteId, UserId } from "../ids";
import { INPUT_WORDS } from "../plain/input-words";
import { PlacementStrategy, Role } from "../states";

export const OrganizationView = z.object({
  id: OrganizationId,
  name: z.string(),
  /** The organization that manages this one; null for most. */
  providerId: OrganizationId.nullable(),
  providerName: z.string().nullable(),
  isProvider: z.boolean(),
  /** The signed-in user's role here, directly or through the provider. */
  role: Role,
  viaProvider: z.boolean(),
  /** Of new instances for which nobody says otherwise. */
  placement: PlacementStrategy,
});
export type OrganizationView = z.infer<typeof OrganizationView>;

export const SessionView = z.object({
  user: z.object({ id: UserId, name: z.string(), email: z.string(), installationAdmin: z.boolean() }),
  organizations: z.array(OrganizationView),
});
export type SessionView = z.infer<typeof SessionView>;

export const SiteView = z.object({
  id: SiteId,
  organizationId: OrganizationId,
  name: z.string(),
  hostCount: z.number().int(),
  instanceCount: z.number().int(),
});
export type SiteView = z.infer<typeof SiteView>;

export const MemberView = z.object({
  userId: UserId,
  name: z.string(),
  email: z.string(),
  role: Role,
  viaProvider: z.boolean(),
  since: z.date(),
});
export type MemberView = z.infer<typeof MemberView>;

export const InvitationView = z.object({
  id: InvitationId,
  email: z.string().nullable(),
  role: Role,
  createdAt: z.date(),
  expiresAt: z.date(),
  acceptedAt: z.date().nullable(),
});
export type InvitationView = z.infer<typeof InvitationView>;

export const Email = z
  .email(INPUT_WORDS.email)
  .max(254)
  .transform((email) => email.toLowerCase());
export const NewPassword = z.string().min(12, INPUT_WORDS.password12).max(200);

export const SetupInput = z.object({
  token: z.string().min(1).max(200),
  name: z.string().trim().min(1, INPUT_WORDS.yourName).max(100),
  email: Email,
  password: NewPassword,
  organizationName: z.string().trim().min(1, INPUT_WORDS.organizationName).max(100),
  siteName: z.string().trim().min(1, INPUT_WORDS.siteName).max(100),
});
