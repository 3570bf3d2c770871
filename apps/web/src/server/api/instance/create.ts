import { InstanceCreateInput, OperationView } from "@indium/contract/api/instance-views";
import { InstanceId } from "@indium/contract/ids";
import { z } from "zod";
import { centre } from "../../services/centre";
import { createInstance } from "../../services/instances-create";
import { firstOperation } from "../../services/operations";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

export const create = organizationProcedure("instance.create", InstanceCreateInput, organizationOf.input)
  .output(z.object({ instanceId: InstanceId, operation: OperationView.nullable() }))
  .mutation(async ({ ctx, input }) => {
    const { keyring } = await centre();
    const { instanceId } = await createInstance(
      { db: ctx.db, keyring, actorId: ctx.actor.userId, remoteAddress: ctx.remoteAddress, nowMs: ctx.now().getTime() },
      input,
    );
    return { instanceId, operation: await firstOperation(ctx.db, instanceId) };
  });
