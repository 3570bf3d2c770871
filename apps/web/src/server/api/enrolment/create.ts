import { EnrolmentCreated } from "@indium/contract/api/host-views";
import { AppError } from "@indium/contract/errors";
import { OrganizationId, SiteId } from "@indium/contract/ids";
import { z } from "zod";
import { env } from "../../../lib/env";
import { centre } from "../../services/centre";
import { createEnrolment, getEnrolment } from "../../services/enrolments";
import { installCommand, installScript, sha256Hex } from "../../services/enrolments-command";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

const Input = z.object({ organizationId: OrganizationId, siteId: SiteId });

export const create = organizationProcedure("host.manage", Input, organizationOf.input)
  .output(EnrolmentCreated)
  .mutation(async ({ ctx, input }) => {
    const site = await ctx.db.site.findFirst({ where: { id: input.siteId, organizationId: ctx.organization.id }, select: { id: true } });
    if (site === null) throw new AppError("not_found", "This site does not exist. Choose another.", { field: "siteId" });
    const script = await installScript(env()).catch(() => {
      throw new AppError(
        "precondition_failed",
        "The install script is not built yet. Run npm run build on the machine that runs Indium, then try again.",
      );
    });
    const { signer } = await centre();
    const enrolment = {
      organizationId: ctx.organization.id,
      siteId: site.id,
      local: false,
      createdById: ctx.actor.userId,
      remoteAddress: ctx.remoteAddress,
    };
    const { id, token } = await createEnrolment(ctx.db, enrolment, ctx.now().getTime());
    return {
      enrolment: await getEnrolment(ctx.db, ctx.organization.id, id),
      command: await installCommand(env(), signer.publicKey, token),
      scriptSha256: sha256Hex(script),
    };
  });
