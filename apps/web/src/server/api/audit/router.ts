import { AuditActors, AuditListInput, AuditListOutput } from "@indium/contract/api/audit-views";
import { OrganizationId } from "@indium/contract/ids";
import { z } from "zod";
import { auditActors, listAudit } from "../../services/audit-list";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

export const auditRouter = createRouter({
  list: organizationProcedure("audit.read", AuditListInput, organizationOf.input)
    .output(AuditListOutput)
    .query(({ ctx, input }) => listAudit(ctx.db, input)),

  actors: organizationProcedure("audit.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
    .output(AuditActors)
    .query(({ ctx }) => auditActors(ctx.db, ctx.organization.id)),
});
