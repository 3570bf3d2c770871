import { MemberView } from "@indium/contract/api/organization-views";
import { OrganizationId, UserId } from "@indium/contract/ids";
import { Role } from "@indium/contract/states";
import { z } from "zod";
import { listMembers, removeMember, updateMemberRole } from "../../services/members";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

const Done = z.object({ done: z.literal(true) });

export const memberRouter = createRouter({
  list: organizationProcedure("member.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
    .output(z.array(MemberView))
    .query(({ ctx }) => listMembers(ctx.db, ctx.organization)),

  updateRole: organizationProcedure(
    "member.manage",
    z.object({ organizationId: OrganizationId, userId: UserId, role: Role }),
    organizationOf.input,
  )
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await updateMemberRole(ctx, ctx.organization, input);
      return { done: true as const };
    }),

  remove: organizationProcedure("member.manage", z.object({ organizationId: OrganizationId, userId: UserId }), organizationOf.input)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await removeMember(ctx, ctx.organization, input.userId);
      return { done: true as const };
    }),
});
