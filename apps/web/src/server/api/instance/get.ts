import { InstanceView } from "@indium/contract/api/instance-views";
import { InstanceId } from "@indium/contract/ids";
import { z } from "zod";
import { getInstance } from "../../services/instance-views";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

export const get = organizationProcedure("instance.read", z.object({ instanceId: InstanceId }), organizationOf.instance, "instance")
  .output(InstanceView)
  .query(({ ctx, input }) => getInstance(ctx.db, ctx.organization, input.instanceId, ctx.now().getTime()));
