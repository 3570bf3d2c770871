import { createRouter } from "../trpc";
import { get } from "./get";
import { list } from "./list";
import { remove } from "./remove";
import { rename } from "./rename";

export const hostRouter = createRouter({ list, get, rename, remove });
