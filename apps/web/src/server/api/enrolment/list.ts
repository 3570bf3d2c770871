import { EnrolmentView } from "@indium/contract/api/host-views";
import { OrganizationId } from "@indium/contract/ids";
import { z } from "zod";
import { listEnrolments } from "../../services/enrolments";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

export const list = organizationProcedure("host.manage", z.object({ organizationId: OrganizationId }), organizationOf.input)
  .output(z.array(EnrolmentView))
  .query(({ ctx }) => listEnrolments(ctx.db, ctx.organization.id));
