import { InstanceFilterOptions } from "@indium/contract/api/instance-views";
import { OrganizationId } from "@indium/contract/ids";
import { z } from "zod";
import { instanceFilterOptions } from "../../services/instance-list";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

export const filterOptions = organizationProcedure("instance.read", z.object({ organizationId: OrganizationId }), organizationOf.input)
  .output(InstanceFilterOptions)
  .query(({ ctx }) => instanceFilterOptions(ctx.db, ctx.organization.id));
