import { createRouter } from "../trpc";

export const instanceRouter = createRouter({});
