import { NewPassword } from "@indium/contract/api/organization-views";
import { z } from "zod";
import { endConsolesOf } from "../../hosts/end-consoles";
import { changePassword, updateProfile } from "../../services/users";
import { createRouter, userProcedure } from "../trpc";

const Done = z.object({ done: z.literal(true) });

export const accountRouter = createRouter({
  update: userProcedure
    .input(z.object({ name: z.string().trim().min(1, "Tell us your name.").max(100) }))
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await updateProfile(ctx, input);
      return { done: true as const };
    }),

  /** Ends every session of the user; the browser signs in again with the new password. */
  changePassword: userProcedure
    .input(z.object({ currentPassword: z.string().max(200), newPassword: NewPassword }))
    .output(Done)
    .mutation(async ({ ctx, input }) => {
      await changePassword(ctx, input);
      await endConsolesOf(ctx.db, ctx.actor.userId, "Your password was changed. Sign in again.");
      return { done: true as const };
    }),
});
