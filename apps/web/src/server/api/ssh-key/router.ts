import { SshKeyView } from "@indium/contract/api/catalogue-views";
import { OrganizationId, SshKeyId } from "@indium/contract/ids";
import { z } from "zod";
import { createSshKey, deleteSshKey, listSshKeys } from "../../services/ssh-keys";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

export const sshKeyRouter = createRouter({
  list: organizationProcedure("sshKey.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
    .output(z.array(SshKeyView))
    .query(({ ctx }) => listSshKeys(ctx.db, ctx.organization.id)),

  create: organizationProcedure(
    "sshKey.manage",
    z.object({
      organizationId: OrganizationId,
      /** Empty: the key's own comment. */
      name: z.string().trim().max(100).default(""),
      publicKey: z.string().trim().min(1, "Paste a public key.").max(10_000, "A public key is shorter than that."),
    }),
    organizationOf.input,
  )
    .output(SshKeyView)
    .mutation(({ ctx, input }) => createSshKey(ctx, ctx.organization.id, input)),

  delete: organizationProcedure("sshKey.manage", z.object({ sshKeyId: SshKeyId }), organizationOf.sshKey, "SSH key")
    .output(z.object({ done: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await deleteSshKey(ctx, ctx.organization.id, input.sshKeyId);
      return { done: true as const };
    }),
});
