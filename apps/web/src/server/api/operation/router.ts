import { createRouter } from "../trpc";

export const operationRouter = createRouter({});
