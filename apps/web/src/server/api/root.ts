import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import { accountRouter } from "./account/router";
import { auditRouter } from "./audit/router";
import { consoleRouter } from "./console/router";
import { enrolmentRouter } from "./enrolment/router";
import { fleetRouter } from "./fleet/router";
import { hostRouter } from "./host/router";
import { imageRouter } from "./image/router";
import { instanceRouter } from "./instance/router";
import { invitationRouter } from "./invitation/router";
import { liveRouter } from "./live/router";
import { memberRouter } from "./member/router";
import { metricsRouter } from "./metrics/router";
import { networkRouter } from "./network/router";
import { operationRouter } from "./operation/router";
import { organizationRouter } from "./organization/router";
import { searchRouter } from "./search/router";
import { securityGroupRouter } from "./security-group/router";
import { sessionRouter } from "./session/router";
import { setupRouter } from "./setup/router";
import { shareRouter } from "./share/router";
import { siteRouter } from "./site/router";
import { sizeRouter } from "./size/router";
import { sshKeyRouter } from "./ssh-key/router";
import { createRouter } from "./trpc";

export const appRouter = createRouter({
  account: accountRouter,
  audit: auditRouter,
  console: consoleRouter,
  enrolment: enrolmentRouter,
  fleet: fleetRouter,
  host: hostRouter,
  image: imageRouter,
  instance: instanceRouter,
  invitation: invitationRouter,
  live: liveRouter,
  member: memberRouter,
  metrics: metricsRouter,
  network: networkRouter,
  operation: operationRouter,
  organization: organizationRouter,
  search: searchRouter,
  session: sessionRouter,
  setup: setupRouter,
  share: shareRouter,
  site: siteRouter,
  size: sizeRouter,
  securityGroup: securityGroupRouter,
  sshKey: sshKeyRouter,
});

export type AppRouter = typeof appRouter;
export type ApiInputs = inferRouterInputs<AppRouter>;
export type ApiOutputs = inferRouterOutputs<AppRouter>;
