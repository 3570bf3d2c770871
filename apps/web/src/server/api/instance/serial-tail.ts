import { agentApi } from "@indium/contract/agent-api";
import { AppError } from "@indium/contract/errors";
import { InstanceId } from "@indium/contract/ids";
import { z } from "zod";
import { serialTail as tail } from "../../hosts/host-calls";
import { centre } from "../../services/centre";
import { notFound } from "../../services/instances";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

const Input = z.object({ instanceId: InstanceId, bytes: z.number().int().min(1).max(262_144).default(16_384) });

/** Serial logs hold what the guest printed, passwords of first boots among it: for those who may open its console. */
export const serialTail = organizationProcedure("instance.console", Input, organizationOf.instance, "instance")
  .output(agentApi.instanceSerialTail.output)
  .query(async ({ ctx, input }) => {
    const row = await ctx.db.instance.findFirst({
      where: { id: input.instanceId, organizationId: ctx.organization.id },
      select: { hostId: true },
    });
    if (row === null) throw notFound();
    if (row.hostId === null) throw new AppError("precondition_failed", "The instance is on no host yet, so it has printed nothing.");
    const { signer } = await centre();
    return tail({ db: ctx.db, signer }, row.hostId, input);
  });
