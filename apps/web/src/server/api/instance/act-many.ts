import { InstanceActManyInput, InstanceActManyOutput } from "@indium/contract/api/instance-views";
import { authorize } from "../../services/authorize";
import { ACTION_PERMISSION } from "../../services/instance-views";
import { actOnInstances } from "../../services/instances-many";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

/** One action on many instances, each with its own outcome. The action's own permission is asked for besides. */
export const actMany = organizationProcedure("instance.operate", InstanceActManyInput, organizationOf.input)
  .output(InstanceActManyOutput)
  .mutation(async ({ ctx, input }) => {
    await authorize(ctx.db, ctx.actor, ACTION_PERMISSION[input.action], ctx.organization.id);
    return { items: await actOnInstances(ctx, ctx.organization.id, input) };
  });
