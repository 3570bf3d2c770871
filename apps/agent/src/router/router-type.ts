import type { createRouter } from "./router";

/** For web, as a type only: it still parses every reply, because a host runs last month's agent. */
export type AgentRouter = ReturnType<typeof createRouter>;
