import { HostPairView } from "@indium/contract/api/host-views";
import { HostId } from "@indium/contract/ids";
import { z } from "zod";
import { allowPair as allow, listPairs, revokePair as revoke } from "../../services/overlay-pairs";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

const Pair = z.object({ hostId: HostId, peerId: HostId });
const views = z.array(HostPairView);

/** Which hosts this one may reach, and by which way it does. */
export const pairs = organizationProcedure("host.read", z.object({ hostId: HostId }), organizationOf.host, "host")
  .output(views)
  .query(({ ctx, input }) => listPairs(ctx.db, ctx.organization.id, input.hostId, ctx.now().getTime()));

export const allowPair = organizationProcedure("host.manage", Pair, organizationOf.host, "host")
  .output(views)
  .mutation(async ({ ctx, input }) => {
    await allow(ctx, { ...input, organizationId: ctx.organization.id });
    return listPairs(ctx.db, ctx.organization.id, input.hostId, ctx.now().getTime());
  });

export const revokePair = organizationProcedure("host.manage", Pair, organizationOf.host, "host")
  .output(views)
  .mutation(async ({ ctx, input }) => {
    await revoke(ctx, { ...input, organizationId: ctx.organization.id });
    return listPairs(ctx.db, ctx.organization.id, input.hostId, ctx.now().getTime());
  });
