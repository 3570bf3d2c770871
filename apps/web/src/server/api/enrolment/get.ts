import { EnrolmentView } from "@indium/contract/api/host-views";
import { EnrolmentId } from "@indium/contract/ids";
import { z } from "zod";
import { getEnrolment } from "../../services/enrolments";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

export const get = organizationProcedure("host.manage", z.object({ enrolmentId: EnrolmentId }), organizationOf.enrolment, "enrolment")
  .output(EnrolmentView)
  .query(({ ctx, input }) => getEnrolment(ctx.db, ctx.organization.id, input.enrolmentId));
