import { ImageCreateInput, ImageView } from "@indium/contract/api/catalogue-views";
import { HostId, ImageId, OrganizationId } from "@indium/contract/ids";
import { z } from "zod";
import { env } from "../../../lib/env";
import { evictImage } from "../../hosts/host-calls";
import { centre } from "../../services/centre";
import { createImage, deleteImage, evictCopy, listImages } from "../../services/images";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

export const imageRouter = createRouter({
  list: organizationProcedure("image.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
    .output(z.array(ImageView))
    .query(({ ctx }) => listImages(ctx.db, ctx.organization.id)),

  create: organizationProcedure("image.manage", ImageCreateInput, organizationOf.input)
    .output(ImageView)
    .mutation(({ ctx, input }) => createImage(ctx, input, env().allowPrivateImageHosts)),

  /** Of a host's cache, when no instance there is made of it. */
  evict: organizationProcedure("host.manage", z.object({ hostId: HostId, imageId: ImageId }), organizationOf.host, "host")
    .output(z.object({ freedBytes: z.number() }))
    .mutation(async ({ ctx, input }) => {
      const { signer } = await centre();
      return evictCopy(ctx, ctx.organization.id, input, (sha256) =>
        evictImage({ db: ctx.db, signer }, input.hostId, { imageId: input.imageId, sha256 }),
      );
    }),

  /** The organization's own; what the installation offers everybody stays. */
  delete: organizationProcedure("image.manage", z.object({ imageId: ImageId }), organizationOf.image, "image of your own")
    .output(z.object({ done: z.literal(true) }))
    .mutation(async ({ ctx, input }) => {
      await deleteImage(ctx, ctx.organization.id, input.imageId);
      return { done: true as const };
    }),
});
