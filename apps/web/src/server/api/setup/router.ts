import { SetupInput } from "@indium/contract/api/organization-views";
import { OrganizationId } from "@indium/contract/ids";
import { z } from "zod";
import { checkSetupToken, completeSetup, isSetUp } from "../../services/installation";
import { createRouter, publicProcedure } from "../trpc";

export const setupRouter = createRouter({
  status: publicProcedure.output(z.object({ needed: z.boolean() })).query(async ({ ctx }) => ({ needed: !(await isSetUp(ctx.db)) })),

  /** Before the form is filled in: does the link still work? */
  check: publicProcedure
    .input(SetupInput.pick({ token: true }))
    .output(z.object({ valid: z.literal(true) }))
    .query(async ({ ctx, input }) => {
      await checkSetupToken(ctx.db, input.token);
      return { valid: true as const };
    }),

  /** The browser signs in with the new account afterwards. */
  complete: publicProcedure
    .input(SetupInput)
    .output(z.object({ organizationId: OrganizationId, email: z.string() }))
    .mutation(async ({ ctx, input }) => {
      const { organizationId } = await completeSetup(ctx.db, input, { remoteAddress: ctx.remoteAddress, now: ctx.now() });
      return { organizationId, email: input.email };
    }),
});
