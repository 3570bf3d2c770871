import { ImageCreateInput, ImageView } from "@indium/contract/api/catalogue-views";
import { ImageId, OrganizationId } from "@indium/contract/ids";
import { z } from "zod";
import { env } from "../../../lib/env";
import { createImage, deleteImage, listImages } from "../../services/images";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

export const imageRouter = createRouter({
  list: organizationProcedure("image.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
    .output(z.array(ImageView))
    .query(({ ctx }) => listImages(ctx.db, ctx.organization.id)),

  create: organizationProcedure("image.manage", ImageCreateInput, organizationOf.input)
    .output(ImageView)
    .mutation(({ ctx, input }) => createImage(ctx, input, env().allowPrivateImageHosts)),

  /** The organization's own; what the installation offers everybody stays. */
  delete: organizationProcedure("image.manage", z.object({ imageId: ImageId }), organizationOf.image, "image of your own")
    .output(z.object({ done: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await deleteImage(ctx, ctx.organization.id, input.imageId);
      return { done: true as const };
    }),
});
