import { SessionView } from "@indium/contract/api/organization-views";
import { sessionOf } from "../../services/organizations";
import { createRouter, userProcedure } from "../trpc";

export const sessionRouter = createRouter({
  /** Who is signed in and where they have which role. */
  get: userProcedure.output(SessionView).query(({ ctx }) => sessionOf(ctx.db, ctx.actor)),
});
