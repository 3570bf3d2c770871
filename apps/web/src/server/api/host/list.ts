import { HostView } from "@indium/contract/api/host-views";
import { OrganizationId } from "@indium/contract/ids";
import { z } from "zod";
import { listHosts } from "../../services/hosts";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

export const list = organizationProcedure("host.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
  .output(z.array(HostView))
  .query(({ ctx }) => listHosts(ctx.db, ctx.organization.id, ctx.now().getTime()));
