import { HostPageInput, HostPageOutput } from "@indium/contract/api/host-views";
import { pageOfHosts } from "../../services/host-list";
import { organizationOf } from "../organization-of";
import { organizationProcedure } from "../trpc";

/** For lists of any length; `host.list` answers with all of them, for choosing one. */
export const page = organizationProcedure("host.read", HostPageInput, organizationOf.input)
  .output(HostPageOutput)
  .query(({ ctx, input }) => pageOfHosts(ctx.db, ctx.organization.id, input, ctx.now()));
