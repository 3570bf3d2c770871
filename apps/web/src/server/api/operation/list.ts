import { OperationListInput, OperationListOutput } from "@indium/contract/api/instance-views";
import { listOperations } from "../../services/operation-list";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

export const list = organizationProcedure("operation.read", OperationListInput, organizationOf.input)
  .output(OperationListOutput)
  .query(({ ctx, input }) => listOperations(ctx.db, input));
