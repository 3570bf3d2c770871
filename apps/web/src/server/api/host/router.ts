import { createRouter } from "../trpc";

export const hostRouter = createRouter({});
