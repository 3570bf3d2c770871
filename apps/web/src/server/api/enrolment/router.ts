import { createRouter } from "../trpc";

export const enrolmentRouter = createRouter({});
