import { MemberView } from "@indium/contract/api/organization-views";
import { OrganizationId, UserId } from "@indium/contract/ids";
import { Role } from "@indium/contract/states";
import { roleMay } from "@indium/domain/policy";
import { z } from "zod";
import { endConsolesOf } from "../../hosts/end-consoles";
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
      if (!roleMay(input.role, "instance.console")) await endConsolesOf(ctx.db, input.userId, "Your role changed.");
      return { done: true as const };
    }),

  remove: organizationProcedure("member.manage", z.object({ organizationId: OrganizationId, userId: UserId }), organizationOf.input)
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await removeMember(ctx, ctx.organization, input.userId);
      await endConsolesOf(ctx.db, input.userId, "Your access was taken back.");
      return { done: true as const };
    }),
});
