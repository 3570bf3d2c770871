import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import { enrolmentRouter } from "./enrolment/router";
import { hostRouter } from "./host/router";
import { instanceRouter } from "./instance/router";
import { liveRouter } from "./live/router";
import { operationRouter } from "./operation/router";
import { createRouter } from "./trpc";

export const appRouter = createRouter({
  enrolment: enrolmentRouter,
  host: hostRouter,
  instance: instanceRouter,
  live: liveRouter,
  operation: operationRouter,
});

export type AppRouter = typeof appRouter;
export type ApiInputs = inferRouterInputs<AppRouter>;
export type ApiOutputs = inferRouterOutputs<AppRouter>;
