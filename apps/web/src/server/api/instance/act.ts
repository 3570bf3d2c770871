import { OperationView } from "@indium/contract/api/instance-views";
import { InstanceId } from "@indium/contract/ids";
import { z } from "zod";
import { ACTION_PERMISSION } from "../../services/instance-views";
import { type ActAction, actOnInstance } from "../../services/instances";
import { getOperation } from "../../services/operations";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

/** One procedure per action, each with the permission the policy table names for it; answers with the operation to watch. */
const action = (name: ActAction) =>
  organizationProcedure(ACTION_PERMISSION[name], z.object({ instanceId: InstanceId }), organizationOf.instance, "instance")
    .output(OperationView)
    .mutation(async ({ ctx, input }) => {
      const { operationId } = await actOnInstance(ctx.db, {
        organizationId: ctx.organization.id,
        instanceId: input.instanceId,
        action: name,
        actorId: ctx.actor.userId,
        remoteAddress: ctx.remoteAddress,
        nowMs: ctx.now().getTime(),
      });
      return getOperation(ctx.db, ctx.organization.id, operationId);
    });

export const start = action("start");
export const stop = action("stop");
export const forceStop = action("forceStop");
export const reboot = action("reboot");
export const reset = action("reset");
export const pause = action("pause");
export const resume = action("resume");
export const reprovision = action("reprovision");
export const deleteInstance = action("delete");
