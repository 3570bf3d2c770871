import { SizeView } from "@indium/contract/api/catalogue-views";
import { z } from "zod";
import { listSizes } from "../../services/sizes";
import { createRouter, userProcedure } from "../trpc";

export const sizeRouter = createRouter({
  list: userProcedure.output(z.array(SizeView)).query(({ ctx }) => listSizes(ctx.db)),
});
