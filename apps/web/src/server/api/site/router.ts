import { SiteView } from "@indium/contract/api/organization-views";
import { OrganizationId, SiteId } from "@indium/contract/ids";
import { z } from "zod";
import { createSite, deleteSite, listSites, updateSite } from "../../services/sites";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

const Name = z.string().trim().min(1, "Name the site.").max(100);
const Done = z.object({ done: z.literal(true) });

export const siteRouter = createRouter({
  list: organizationProcedure("site.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
    .output(z.array(SiteView))
    .query(({ ctx }) => listSites(ctx.db, ctx.organization.id)),

  create: organizationProcedure("site.manage", z.object({ organizationId: OrganizationId, name: Name }), organizationOf.input)
    .output(SiteView)
    .mutation(({ ctx, input }) => createSite(ctx, ctx.organization.id, input)),

  update: organizationProcedure("site.manage", z.object({ siteId: SiteId, name: Name }), organizationOf.site, "site")
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await updateSite(ctx, ctx.organization.id, input);
      return { done: true as const };
    }),

  delete: organizationProcedure("site.manage", z.object({ siteId: SiteId }), organizationOf.site, "site")
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await deleteSite(ctx, ctx.organization.id, input.siteId);
      return { done: true as const };
    }),
});
