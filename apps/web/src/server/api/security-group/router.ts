import { SecurityGroupCreateInput, SecurityGroupUpdateInput, SecurityGroupView } from "@indium/contract/api/security-group-views";
import { OrganizationId, SecurityGroupId } from "@indium/contract/ids";
import { z } from "zod";
import {
  createSecurityGroup,
  deleteSecurityGroup,
  getSecurityGroup,
  listSecurityGroups,
  updateSecurityGroup,
} from "../../services/security-groups";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

const One = z.object({ securityGroupId: SecurityGroupId });

export const securityGroupRouter = createRouter({
  list: organizationProcedure("securityGroup.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
    .output(z.array(SecurityGroupView))
    .query(({ ctx }) => listSecurityGroups(ctx.db, ctx.organization.id)),

  get: organizationProcedure("securityGroup.read", One, organizationOf.securityGroup, "security group")
    .output(SecurityGroupView)
    .query(({ ctx, input }) => getSecurityGroup(ctx.db, ctx.organization.id, input.securityGroupId)),

  create: organizationProcedure("securityGroup.manage", SecurityGroupCreateInput, organizationOf.input)
    .output(SecurityGroupView)
    .mutation(({ ctx, input }) => createSecurityGroup(ctx, input)),

  update: organizationProcedure("securityGroup.manage", SecurityGroupUpdateInput, organizationOf.securityGroup, "security group")
    .output(SecurityGroupView)
    .mutation(({ ctx, input }) => updateSecurityGroup(ctx, ctx.organization.id, input)),

  delete: organizationProcedure("securityGroup.manage", One, organizationOf.securityGroup, "security group")
    .output(z.object({ done: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await deleteSecurityGroup(ctx, ctx.organization.id, input.securityGroupId);
      return { done: true as const };
    }),
});
