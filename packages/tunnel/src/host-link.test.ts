import { EventEmitter } from "node:events";
import { AppError } from "@indium/contract/errors";
import { createTRPCClient } from "@trpc/client";
import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { describe, expect, it } from "vitest";
import { hostLink } from "./host-link";
import { RpcCaller } from "./rpc-call";
import { appErrorOf } from "./rpc-error";
import { serveRouter } from "./rpc-serve";

const t = initTRPC.context<object>().create({ transformer: superjson, isDev: true });
const router = t.router({
  clock: t.router({ now: t.procedure.query(() => ({ at: new Date(5), none: undefined })) }),
  refuse: t.procedure.mutation(() => {
    throw new AppError("disk_full", "No room on h-1.", { detail: "ENOSPC", internal: "secret path" });
  }),
  crash: t.procedure.mutation(() => {
    throw new Error("password=hunter2");
  }),
  never: t.procedure.query(() => new Promise<string>(() => {})),
});

/** Two ends joined in memory through JSON, as socket.io would. */
function joined() {
  const agent = Object.assign(new EventEmitter(), { timeout: () => ({ emitWithAck: async () => undefined }) });
  const relay = Object.assign(new EventEmitter(), { connected: true });
  const over =
    (to: EventEmitter) =>
    (event: string, ...args: unknown[]) => {
      const copy = JSON.parse(JSON.stringify(args)) as unknown[];
      queueMicrotask(() => EventEmitter.prototype.emit.call(to, event, ...copy));
      return true;
    };
  const agentSocket = { ...bound(agent), emit: over(relay), timeout: agent.timeout };
  const relaySocket = { connected: true, on: relay.on.bind(relay), emit: over(agent) };
  return { agentSocket, relaySocket, lose: () => EventEmitter.prototype.emit.call(relay, "disconnect") };
}
const bound = (emitter: EventEmitter) => ({ on: emitter.on.bind(emitter), off: emitter.off.bind(emitter) });

function connect(options: { timeoutMs?: number; maxConcurrent?: number } = {}) {
  const { agentSocket, relaySocket, lose } = joined();
  const failures: string[] = [];
  serveRouter(
    agentSocket,
    router,
    () => ({}),
    (path) => failures.push(path),
  );
  const caller = new RpcCaller(relaySocket);
  const raw: unknown[] = [];
  const client = createTRPCClient<typeof router>({
    links: [
      hostLink<typeof router>(async (call) => {
        const answer = await caller.call(call, { timeoutMs: options.timeoutMs ?? 1_000, maxConcurrent: options.maxConcurrent ?? 10 });
        raw.push(answer);
        return answer;
      }),
    ],
  });
  return { client, lose, raw, failures, relaySocket };
}
const errorOf = (promise: Promise<unknown>) => promise.then(() => expect.unreachable(), appErrorOf);

describe("a call over a host link", () => {
  it("brings dates back, and what is undefined", async () => {
    expect(await connect().client.clock.now.query()).toEqual({ at: new Date(5), none: undefined });
  });

  it("brings the agent's AppError back, with detail and without what is for the log", async () => {
    const { client, raw } = connect();
    const error = await errorOf(client.refuse.mutate());
    expect([error.code, error.message, error.detail]).toEqual(["disk_full", "No room on h-1.", "ENOSPC"]);
    expect(JSON.stringify(raw)).not.toMatch(/secret path|stack/);
  });

  it("keeps a crash's words and stack on the host", async () => {
    const { client, raw, failures } = connect();
    expect((await errorOf(client.crash.mutate())).code).toBe("internal");
    expect(JSON.stringify(raw)).not.toMatch(/hunter2|at .*\.ts/);
    expect(failures).toEqual(["crash"]);
  });

  it("says host_timeout when no answer came, host_unreachable when nothing was sent", async () => {
    expect((await errorOf(connect({ timeoutMs: 5 }).client.never.query())).code).toBe("host_timeout");
    const lost = connect();
    const pending = errorOf(lost.client.never.query());
    await new Promise((resolve) => setImmediate(resolve));
    lost.lose();
    expect((await pending).code).toBe("host_timeout");
    const gone = connect();
    gone.relaySocket.connected = false;
    expect((await errorOf(gone.client.clock.now.query())).code).toBe("host_unreachable");
  });

  it("bounds how many run at once", async () => {
    const { client } = connect({ maxConcurrent: 1, timeoutMs: 50 });
    const first = errorOf(client.never.query());
    expect((await errorOf(client.clock.now.query())).code).toBe("rate_limited");
    expect((await first).code).toBe("host_timeout");
  });

  it("says unsupported for a call an older agent does not know", async () => {
    const { client } = connect();
    const unknown = client as unknown as { later: { feature: { query(): Promise<unknown> } } };
    expect((await errorOf(unknown.later.feature.query())).code).toBe("unsupported");
  });
});
