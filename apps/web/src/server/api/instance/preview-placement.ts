import { PlacementPreview, PlacementPreviewInput } from "@indium/contract/api/instance-views";
import { previewPlacement as preview } from "../../services/placement";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

/** Where an instance of these answers would go now, and why. */
export const previewPlacement = organizationProcedure("instance.create", PlacementPreviewInput, organizationOf.input)
  .output(PlacementPreview)
  .query(({ ctx, input }) => preview(ctx.db, input, ctx.now().getTime()));
