import { InstanceId, NicId, SecurityGroupId } from "@indium/contract/ids";
import { MAX_GROUPS_PER_NIC } from "@indium/contract/plain/security-groups";
import { z } from "zod";
import { setNicGroups } from "../../services/security-groups";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

const Input = z.object({
  instanceId: InstanceId,
  nicId: NicId,
  securityGroupIds: z
    .array(SecurityGroupId)
    .max(MAX_GROUPS_PER_NIC, `A network interface has at most ${MAX_GROUPS_PER_NIC} security groups.`),
});

/** The groups of one NIC, live. */
export const setSecurityGroups = organizationProcedure("instance.operate", Input, organizationOf.instance, "instance")
  .output(z.object({ done: z.literal(true) }))
  .mutation(async ({ ctx, input }) => {
    await setNicGroups(ctx, ctx.organization.id, input);
    return { done: true as const };
  });
