import { FleetView } from "@indium/contract/api/fleet-views";
import { OrganizationId } from "@indium/contract/ids";
import { z } from "zod";
import { fleetHealth } from "../../services/fleet";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

export const fleetRouter = createRouter({
  get: organizationProcedure("host.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
    .output(FleetView)
    .query(({ ctx }) => fleetHealth(ctx.db, ctx.actor, ctx.organization.id, ctx.now())),
});
