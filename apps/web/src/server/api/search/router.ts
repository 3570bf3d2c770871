import { SearchHit, SearchInput } from "@indium/contract/api/search";
import { z } from "zod";
import { search } from "../../services/search";
import { organizationOf } from "../organization-of";
import { createRouter, organizationProcedure } from "../trpc";

export const searchRouter = createRouter({
  /** Whoever may read the organization may read all that is found: the policy gives all `*.read` together. */
  find: organizationProcedure("organization.read", SearchInput, organizationOf.input)
    .output(z.array(SearchHit))
    .query(({ ctx, input }) => search(ctx.db, ctx.organization.id, input.text)),
});
