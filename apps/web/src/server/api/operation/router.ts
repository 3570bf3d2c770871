import { createRouter } from "../trpc";
import { get } from "./get";
import { list } from "./list";

export const operationRouter = createRouter({ get, list });
