import { InstanceListInput, InstanceListOutput } from "@indium/contract/api/instance-views";
import { listInstances } from "../../services/instance-list";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

export const list = organizationProcedure("instance.read", InstanceListInput, organizationOf.input)
  .output(InstanceListOutput)
  .query(({ ctx, input }) => listInstances(ctx.db, ctx.organization, input, ctx.now()));
