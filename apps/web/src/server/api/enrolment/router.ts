import { createRouter } from "../trpc";
import { create } from "./create";
import { get } from "./get";
import { list } from "./list";
import { revoke } from "./revoke";

export const enrolmentRouter = createRouter({ list, get, create, revoke });
