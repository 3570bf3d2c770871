import { HostView } from "@indium/contract/api/host-views";
import { HostId } from "@indium/contract/ids";
import { z } from "zod";
import { getHost, renameHost } from "../../services/hosts";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

const Input = z.object({
  hostId: HostId,
  name: z.string().trim().min(1, "Give the host a name.").max(63, "A name has at most 63 characters."),
});

export const rename = organizationProcedure("host.manage", Input, organizationOf.host, "host")
  .output(HostView)
  .mutation(async ({ ctx, input }) => {
    const nowMs = ctx.now().getTime();
    const { actor, remoteAddress } = ctx;
    const request = { organizationId: ctx.organization.id, hostId: input.hostId, actorId: actor.userId, remoteAddress, nowMs };
    await renameHost(ctx.db, request, input.name);
    return getHost(ctx.db, ctx.organization.id, input.hostId, nowMs);
  });
