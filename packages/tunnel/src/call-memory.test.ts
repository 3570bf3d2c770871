import { EventEmitter } from "node:events";
import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { expect, it } from "vitest";
import { CallMemory } from "./call-memory";
import { RpcCaller } from "./rpc-call";
import { serveRouter } from "./rpc-serve";

/** One link in memory; what the agent says is lost while `deaf`. */
function link() {
  const agent = new EventEmitter();
  const relay = new EventEmitter();
  const state = { deaf: false };
  const over =
    (to: EventEmitter, lost: () => boolean) =>
    (event: string, ...args: unknown[]) => {
      const copy = JSON.parse(JSON.stringify(args)) as unknown[];
      queueMicrotask(() => void (lost() || to.emit(event, ...copy)));
      return true;
    };
  return {
    state,
    agent: {
      on: agent.on.bind(agent),
      off: agent.off.bind(agent),
      emit: over(relay, () => state.deaf),
      timeout: () => ({ emitWithAck: async () => undefined }),
    },
    relay: { connected: true, on: relay.on.bind(relay), emit: over(agent, () => false) },
    lose: () => {
      agent.emit("disconnect");
      relay.emit("disconnect");
    },
  };
}

function host(graceMs?: number) {
  const t = initTRPC.context<{ signal: AbortSignal }>().create({ transformer: superjson });
  let started = 0;
  let finish: (value: string) => void = () => {};
  let aborted = false;
  const router = t.router({
    work: t.procedure.mutation(({ ctx }) => {
      started += 1;
      ctx.signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise<string>((resolve) => {
        finish = resolve;
      });
    }),
  });
  const memory = new CallMemory(graceMs);
  return {
    serve: (socket: ReturnType<typeof link>["agent"]) => serveRouter(socket, router, (signal) => ({ signal }), undefined, memory),
    finish: (value: string) => finish(value),
    started: () => started,
    aborted: () => aborted,
  };
}

const WORK = { type: "mutation", path: "work", input: superjson.serialize(undefined) } as const;
const LIMITS = { timeoutMs: 60_000, maxConcurrent: 4 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

it("a call under way moves to the link that takes its link's place, and is carried out once", async () => {
  const [first, second, { serve, ...one }] = [link(), link(), host(0)];
  serve(first.agent);
  const caller = new RpcCaller(first.relay);
  const answer = caller.call(WORK, LIMITS);
  await turn();
  serve(second.agent);
  const next = new RpcCaller(second.relay);
  next.takeOver(caller);
  await turn();
  first.lose();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(one.aborted()).toBe(false);
  one.finish("done");
  expect(await answer).toEqual({ ok: true, result: superjson.serialize("done") });
  expect(one.started()).toBe(1);
  expect([caller.active, next.active]).toEqual([0, 0]);
});

it("an answer that was lost with its link is given again", async () => {
  const [first, second, { serve, ...one }] = [link(), link(), host()];
  serve(first.agent);
  const caller = new RpcCaller(first.relay);
  const answer = caller.call(WORK, LIMITS);
  await turn();
  first.state.deaf = true;
  one.finish("done");
  await turn();
  serve(second.agent);
  new RpcCaller(second.relay).takeOver(caller);
  expect(await answer).toEqual({ ok: true, result: superjson.serialize("done") });
  expect(one.started()).toBe(1);
});

it("what no other link asks for is aborted, and a caller that gives up ends it at once", async () => {
  const [first, { serve, ...one }] = [link(), host(0)];
  serve(first.agent);
  const call = new RpcCaller(first.relay).call(WORK, LIMITS);
  await turn();
  first.lose();
  await expect(call).rejects.toMatchObject({ code: "host_timeout" });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(one.aborted()).toBe(true);

  const [second, other] = [link(), host()];
  other.serve(second.agent);
  await expect(new RpcCaller(second.relay).call(WORK, { timeoutMs: 1, maxConcurrent: 4 })).rejects.toMatchObject({ code: "host_timeout" });
  await turn();
  expect(other.aborted()).toBe(true);
});
