import { createRouter } from "../trpc";
import { cordon, uncordon } from "./cordon";
import { get } from "./get";
import { list } from "./list";
import { page } from "./page";
import { allowPair, pairs, revokePair } from "./pairs";
import { remove } from "./remove";
import { rename } from "./rename";

export const hostRouter = createRouter({ list, page, get, rename, cordon, uncordon, remove, pairs, allowPair, revokePair });
