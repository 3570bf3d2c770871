import { createRouter } from "../trpc";
import { cordon, uncordon } from "./cordon";
import { get } from "./get";
import { list } from "./list";
import { remove } from "./remove";
import { rename } from "./rename";

export const hostRouter = createRouter({ list, get, rename, cordon, uncordon, remove });
