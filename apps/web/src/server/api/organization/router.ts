import { OrganizationView } from "@indium/contract/api/organization-views";
import { OrganizationId } from "@indium/contract/ids";
import { PlacementStrategy } from "@indium/contract/states";
import { z } from "zod";
import { endConsolesOf } from "../../hosts/end-consoles";
import {
  createOrganization,
  listAllOrganizations,
  listOrganizations,
  updateOrganization,
  updateProvider,
} from "../../services/organizations";
import { organizationOf } from "../organization-of";
import { createRouter, installationAdminProcedure, organizationProcedure, userProcedure } from "../trpc";

const Name = z.string().trim().min(1, "Name the organization.").max(100);
const Done = z.object({ done: z.literal(true) });

const OrganizationSummary = z.object({
  id: OrganizationId,
  name: z.string(),
  providerId: OrganizationId.nullable(),
  providerName: z.string().nullable(),
  isProvider: z.boolean(),
  memberCount: z.number().int(),
  hostCount: z.number().int(),
  instanceCount: z.number().int(),
  createdAt: z.date(),
});

export const organizationRouter = createRouter({
  /** Those in which the signed-in user has a role. */
  list: userProcedure.output(z.array(OrganizationView)).query(({ ctx }) => listOrganizations(ctx.db, ctx.actor)),

  /** All of the installation. */
  listAll: installationAdminProcedure.output(z.array(OrganizationSummary)).query(({ ctx }) => listAllOrganizations(ctx.db)),

  create: installationAdminProcedure
    .input(
      z.object({
        name: Name,
        siteName: z.string().trim().min(1, "Name the first site.").max(100).default("Main site"),
        providerId: OrganizationId.nullable().default(null),
        isProvider: z.boolean().default(false),
      }),
    )
    .output(z.object({ organizationId: OrganizationId }))
    .mutation(async ({ ctx, input }) => ({ organizationId: await createOrganization(ctx, input) })),

  update: organizationProcedure(
    "organization.update",
    z.object({ organizationId: OrganizationId, name: Name.optional(), placement: PlacementStrategy.optional() }),
    organizationOf.input,
  )
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await updateOrganization(ctx, ctx.organization.id, { name: input.name, placement: input.placement });
      return { done: true as const };
    }),

  updateProvider: installationAdminProcedure
    .input(z.object({ organizationId: OrganizationId, isProvider: z.boolean(), providerId: OrganizationId.nullable() }))
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      const dismissed = await updateProvider(ctx, input.organizationId, input);
      for (const userId of dismissed) await endConsolesOf(ctx.db, userId, "Your organization manages this one no more.");
      return { done: true as const };
    }),
});
