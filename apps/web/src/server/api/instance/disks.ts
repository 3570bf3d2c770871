import { agentApi } from "@indium/contract/agent-api";
import { AppError } from "@indium/contract/errors";
import { InstanceId } from "@indium/contract/ids";
import { z } from "zod";
import { instanceDisks } from "../../hosts/host-calls";
import { centre } from "../../services/centre";
import { notFound } from "../../services/instances";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

/** An instance's disks as the files are on its host now. */
export const disks = organizationProcedure("instance.read", z.object({ instanceId: InstanceId }), organizationOf.instance, "instance")
  .output(agentApi.instanceDisks.output)
  .query(async ({ ctx, input }) => {
    const row = await ctx.db.instance.findFirst({
      where: { id: input.instanceId, organizationId: ctx.organization.id },
      select: { hostId: true },
    });
    if (row === null) throw notFound();
    if (row.hostId === null) throw new AppError("precondition_failed", "The instance is on no host yet, so it has no disk.");
    const { signer } = await centre();
    return instanceDisks({ db: ctx.db, signer }, row.hostId, input);
  });
