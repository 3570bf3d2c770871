import { agentApi } from "@indium/contract/agent-api";
import { InstanceId } from "@indium/contract/ids";
import { z } from "zod";
import { lastScreen as fetchScreen } from "../../hosts/host-calls";
import { centre } from "../../services/centre";
import { notFound } from "../../services/instances";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

/** The kept screen shows what a console would: for those who may open it. Null when the host keeps none (any more). */
export const lastScreen = organizationProcedure(
  "instance.console",
  z.object({ instanceId: InstanceId }),
  organizationOf.instance,
  "instance",
)
  .output(agentApi.instanceLastScreen.output)
  .query(async ({ ctx, input }) => {
    const row = await ctx.db.instance.findFirst({
      where: { id: input.instanceId, organizationId: ctx.organization.id },
      select: { hostId: true },
    });
    if (row === null) throw notFound();
    if (row.hostId === null) return null;
    const { signer } = await centre();
    return fetchScreen({ db: ctx.db, signer }, row.hostId, input);
  });
