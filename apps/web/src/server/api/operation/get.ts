import { OperationView } from "@indium/contract/api/instance-views";
import { OperationId } from "@indium/contract/ids";
import { z } from "zod";
import { getOperation } from "../../services/operations";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

export const get = organizationProcedure("operation.read", z.object({ operationId: OperationId }), organizationOf.operation, "operation")
  .output(OperationView)
  .query(({ ctx, input }) => getOperation(ctx.db, ctx.organization.id, input.operationId));
