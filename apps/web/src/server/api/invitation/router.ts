import { Email, InvitationView, NewPassword } from "@indium/contract/api/organization-views";
import { InvitationId, OrganizationId } from "@indium/contract/ids";
import { Role } from "@indium/contract/states";
import { z } from "zod";
import { acceptInvitation, createInvitation, listInvitations, lookUpInvitation, revokeInvitation } from "../../services/invitations";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure, publicProcedure } from "../trpc";

const Token = z.string().min(1).max(200);

export const invitationRouter = createRouter({
  list: organizationProcedure("member.manage", z.object({ organizationId: OrganizationId }), organizationOf.input)
    .output(z.array(InvitationView))
    .query(({ ctx }) => listInvitations(ctx.db, ctx.organization.id, ctx.now())),

  /** The link is in this answer only. */
  create: organizationProcedure(
    "member.manage",
    z.object({ organizationId: OrganizationId, role: Role, email: Email.nullable().default(null) }),
    organizationOf.input,
  )
    .output(z.object({ invitation: InvitationView, link: z.string() }))
    .mutation(({ ctx, input }) => createInvitation(ctx, ctx.organization, input)),

  revoke: organizationProcedure("member.manage", z.object({ invitationId: InvitationId }), organizationOf.invitation, "invitation")
    .output(z.object({ done: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await revokeInvitation(ctx, ctx.organization, input.invitationId);
      return { done: true as const };
    }),

  lookup: publicProcedure
    .input(z.object({ token: Token }))
    .output(z.object({ organizationName: z.string(), role: Role, email: z.string().nullable(), expiresAt: z.date() }))
    .query(({ ctx, input }) => lookUpInvitation(ctx.db, input.token, ctx.now())),

  /** Without an account: as the one who is signed in. */
  accept: publicProcedure
    .input(
      z.object({
        token: Token,
        account: z
          .object({ name: z.string().trim().min(1, "Tell us your name.").max(100), email: Email, password: NewPassword })
          .nullable()
          .default(null),
      }),
    )
    .output(z.object({ organizationId: OrganizationId, email: z.string() }))
    .mutation(({ ctx, input }) =>
      acceptInvitation(ctx.db, { ...input, actor: ctx.actor }, { remoteAddress: ctx.remoteAddress, now: ctx.now() }),
    ),
});
