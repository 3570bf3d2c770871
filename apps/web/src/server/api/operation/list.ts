import { OperationView } from "@indium/contract/api/instance-views";
import { HostId, InstanceId, OperationId, OrganizationId } from "@indium/contract/ids";
import { z } from "zod";
import { listOperations } from "../../services/operations";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

const Input = z.object({
  organizationId: OrganizationId,
  instanceId: InstanceId.nullable().default(null),
  hostId: HostId.nullable().default(null),
  cursor: OperationId.nullable().default(null),
  limit: z.number().int().min(1).max(200).default(50),
});

export const list = organizationProcedure("operation.read", Input, organizationOf.input)
  .output(z.object({ items: z.array(OperationView), nextCursor: z.string().nullable() }))
  .query(({ ctx, input }) => listOperations(ctx.db, input));
