import { HostView } from "@indium/contract/api/host-views";
import { HostId } from "@indium/contract/ids";
import { z } from "zod";
import { getHost } from "../../services/hosts";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

export const get = organizationProcedure("host.read", z.object({ hostId: HostId }), organizationOf.host, "host")
  .output(HostView)
  .query(({ ctx, input }) => getHost(ctx.db, ctx.organization.id, input.hostId, ctx.now().getTime()));
