import { SharedConsole } from "@indium/contract/api/console-views";
import { ConsoleAccess } from "@indium/contract/api/instance-views";
import { ConsoleKind } from "@indium/contract/console";
import { z } from "zod";
import { centre } from "../../services/centre";
import { lookUpShare, openShared } from "../../services/console-shares";
import { createRouter, publicProcedure } from "../trpc";

const Token = z.string().min(1).max(200);

/** For whoever holds a link to a console: to look at that one, and nothing else. */
export const shareRouter = createRouter({
  lookup: publicProcedure
    .input(z.object({ token: Token }))
    .output(SharedConsole)
    .query(({ ctx, input }) => lookUpShare(ctx.db, input.token, ctx.now())),

  open: publicProcedure
    .input(z.object({ token: Token, kind: ConsoleKind }))
    .output(ConsoleAccess)
    .mutation(async ({ ctx, input }) => {
      const { signer } = await centre();
      return openShared(ctx.db, signer, { ...input, publicUrl: ctx.publicUrl, remoteAddress: ctx.remoteAddress }, ctx.now());
    }),
});
