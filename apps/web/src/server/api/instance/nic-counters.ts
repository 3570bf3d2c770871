import { agentApi } from "@indium/contract/agent-api";
import { AppError } from "@indium/contract/errors";
import { InstanceId } from "@indium/contract/ids";
import { z } from "zod";
import { nicCounters as count } from "../../hosts/host-calls";
import { centre } from "../../services/centre";
import { notFound } from "../../services/instances";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

/** What the rules of an instance's NICs let through and refused, as its host counts now. */
export const nicCounters = organizationProcedure("instance.read", z.object({ instanceId: InstanceId }), organizationOf.instance, "instance")
  .output(agentApi.instanceNicCounters.output)
  .query(async ({ ctx, input }) => {
    const row = await ctx.db.instance.findFirst({
      where: { id: input.instanceId, organizationId: ctx.organization.id },
      select: { hostId: true },
    });
    if (row === null) throw notFound();
    if (row.hostId === null) throw new AppError("precondition_failed", "The instance is on no host yet, so nothing has been counted.");
    const { signer } = await centre();
    return count({ db: ctx.db, signer }, row.hostId, input);
  });
