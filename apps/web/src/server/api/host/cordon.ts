import { CordonReason, HostView } from "@indium/contract/api/host-views";
import { HostId } from "@indium/contract/ids";
import { z } from "zod";
import { cordonHost, getHost } from "../../services/hosts";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

/** Keeps new instances off the host, with the reason that placement and the create page give. */
export const cordon = organizationProcedure("host.manage", z.object({ hostId: HostId, reason: CordonReason }), organizationOf.host, "host")
  .output(HostView)
  .mutation(async ({ ctx, input }) => {
    await cordonHost(ctx, ctx.organization.id, input.hostId, input.reason);
    return getHost(ctx.db, ctx.organization.id, input.hostId, ctx.now().getTime());
  });

export const uncordon = organizationProcedure("host.manage", z.object({ hostId: HostId }), organizationOf.host, "host")
  .output(HostView)
  .mutation(async ({ ctx, input }) => {
    await cordonHost(ctx, ctx.organization.id, input.hostId, null);
    return getHost(ctx.db, ctx.organization.id, input.hostId, ctx.now().getTime());
  });
