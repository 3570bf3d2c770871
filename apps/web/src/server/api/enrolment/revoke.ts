import { EnrolmentId } from "@indium/contract/ids";
import { z } from "zod";
import { revokeEnrolment } from "../../services/enrolments";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

export const revoke = organizationProcedure("host.manage", z.object({ enrolmentId: EnrolmentId }), organizationOf.enrolment, "enrolment")
  .output(z.object({}))
  .mutation(async ({ ctx, input }) => {
    await revokeEnrolment(ctx.db, ctx.organization.id, input.enrolmentId, ctx.actor.userId, ctx.now().getTime(), ctx.remoteAddress);
    return {};
  });
