import { NetworkView } from "@indium/contract/api/catalogue-views";
import { HostId, NetworkId, OrganizationId } from "@indium/contract/ids";
import { InterfaceName, NetworkKind, VlanId } from "@indium/contract/network";
import { z } from "zod";
import { createNetwork, deleteNetwork, listNetworks } from "../../services/networks";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

export const networkRouter = createRouter({
  list: organizationProcedure("network.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
    .output(z.array(NetworkView))
    .query(({ ctx }) => listNetworks(ctx.db, ctx.organization.id)),

  /** A network lives on one host, whose organization decides. */
  create: organizationProcedure(
    "network.manage",
    z.object({
      hostId: HostId,
      name: z
        .string()
        .trim()
        .regex(/^[a-zA-Z0-9][a-zA-Z0-9 ._-]{0,62}$/, "Name the network with letters, digits, spaces, dots, hyphens; at most 63."),
      kind: NetworkKind,
      ipv4Cidr: z.string().trim().max(20).nullable().default(null),
      bridgeInterface: InterfaceName.nullable().default(null),
      uplinkInterface: InterfaceName.nullable().default(null),
      vlanId: VlanId.nullable().default(null),
    }),
    organizationOf.host,
    "host",
  )
    .output(NetworkView)
    .mutation(({ ctx, input }) => createNetwork(ctx, ctx.organization.id, input)),

  delete: organizationProcedure("network.manage", z.object({ networkId: NetworkId }), organizationOf.network, "network")
    .output(z.object({ done: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await deleteNetwork(ctx, ctx.organization.id, input.networkId);
      return { done: true as const };
    }),
});
