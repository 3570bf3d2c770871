import { AuditActors, AuditListInput, AuditListOutput, InstallationAuditInput } from "@indium/contract/api/audit-views";
import { OrganizationId } from "@indium/contract/ids";
import { z } from "zod";
import { auditActors, listAudit } from "../../services/audit-list";
import { organizationOf } from "../organization-of";
import { createRouter, installationAdminProcedure, organizationProcedure } from "../trpc";

export const auditRouter = createRouter({
  list: organizationProcedure("audit.read", AuditListInput, organizationOf.input)
    .output(AuditListOutput)
    .query(({ ctx, input }) => listAudit(ctx.db, input)),

  actors: organizationProcedure("audit.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
    .output(AuditActors)
    .query(({ ctx }) => auditActors(ctx.db, ctx.organization.id)),

  /** What was done to no organization's own. */
  ofInstallation: installationAdminProcedure
    .input(InstallationAuditInput)
    .output(AuditListOutput)
    .query(({ ctx, input }) => listAudit(ctx.db, { ...input, organizationId: null })),

  installationActors: installationAdminProcedure.output(AuditActors).query(({ ctx }) => auditActors(ctx.db, null)),
});
