import { InstanceRebuildInput, InstanceResizeInput, OperationView } from "@indium/contract/api/instance-views";
import { rebuildInstance, resizeInstance } from "../../services/instance-machine";
import { ACTION_PERMISSION } from "../../services/instance-views";
import { getOperation } from "../../services/operations";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

/** Processors, memory and a larger disk, of a stopped instance; answers with the operation to watch. */
export const resize = organizationProcedure(ACTION_PERMISSION.resize, InstanceResizeInput, organizationOf.instance, "instance")
  .output(OperationView)
  .mutation(async ({ ctx, input }) => {
    const { operationId } = await resizeInstance(ctx, ctx.organization.id, input);
    return getOperation(ctx.db, ctx.organization.id, operationId);
  });

/** A new disk from the same or another image; answers with the operation to watch. */
export const rebuild = organizationProcedure(ACTION_PERMISSION.rebuild, InstanceRebuildInput, organizationOf.instance, "instance")
  .output(OperationView)
  .mutation(async ({ ctx, input }) => {
    const { operationId } = await rebuildInstance(ctx, ctx.organization.id, input);
    return getOperation(ctx.db, ctx.organization.id, operationId);
  });
