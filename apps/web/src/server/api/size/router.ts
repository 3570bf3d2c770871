import { NewSize, SizeView } from "@indium/contract/api/catalogue-views";
import { SizeId } from "@indium/contract/ids";
import { z } from "zod";
import { createSize, deleteSize, listSizes } from "../../services/sizes";
import { createRouter, installationAdminProcedure, userProcedure } from "../trpc";

export const sizeRouter = createRouter({
  list: userProcedure.output(z.array(SizeView)).query(({ ctx }) => listSizes(ctx.db)),
  create: installationAdminProcedure
    .input(NewSize)
    .output(SizeView)
    .mutation(({ ctx, input }) => createSize(ctx, input)),
  delete: installationAdminProcedure.input(z.object({ sizeId: SizeId })).mutation(({ ctx, input }) => deleteSize(ctx, input.sizeId)),
});
