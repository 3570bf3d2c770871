import { RpcRequest } from "@indium/contract/link";
import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  type inferRouterContext,
  isTrackedEnvelope,
  type TRPCError,
  transformTRPCResponse,
} from "@trpc/server";
import type { CallAnswer, CallMemory } from "./call-memory";
import { wireErrorOf } from "./rpc-error";

/** The part of a socket.io-client socket this file uses. */
export interface ServingSocket {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  timeout(ms: number): { emitWithAck(event: string, ...args: unknown[]): Promise<unknown> };
}

const SUBSCRIPTION_ACK_TIMEOUT_MS = 30_000;
const MAX_CONCURRENT_CALLS = 128;

/**
 * Hosts a tRPC router on a socket the agent dialled out: the relay asks, this side answers. Router errors leave with our
 * WireError in `data.app` and without a stack, whatever formatter the router has. A subscription waits for the caller's ack of
 * each item, which is its back-pressure. With a `memory` that several links share, queries and mutations outlive the link by which they
 * were asked, for another that takes its place.
 * @returns stops serving and aborts what runs; a lost link does the same by itself.
 */
export function serveRouter<R extends AnyTRPCRouter>(
  socket: ServingSocket,
  router: R,
  createContext: (signal: AbortSignal) => inferRouterContext<R>,
  onInternalError: (path: string, error: TRPCError) => void = () => {},
  memory: CallMemory | null = null,
): () => void {
  const config = router._def._config;
  const live = new Map<number, { stop(): void; abandon(): void }>();

  const send = (id: number, kind: "data" | "done" | "error", message?: object) =>
    socket.emit("trpc:res", id, kind, message === undefined ? undefined : transformTRPCResponse(config, message as never));

  const errorMessage = (request: RpcRequest, ctx: inferRouterContext<R> | undefined, cause: unknown, signal: AbortSignal): object => {
    const error = getTRPCErrorFromUnknown(cause);
    const app = wireErrorOf(error);
    if (app.code === "internal" && !signal.aborted) onInternalError(request.path, error);
    const shape = getTRPCErrorShape({ config, ctx, type: request.type, path: request.path, input: undefined, error }) as {
      code: number;
      data?: { stack?: unknown };
    };
    const { stack: _stack, ...data } = shape.data ?? {};
    return { error: { ...shape, message: app.message, data: { ...data, app } } };
  };

  const call = async (request: RpcRequest, ctx: inferRouterContext<R>, signal: AbortSignal): Promise<unknown> => {
    const input: unknown = config.transformer.input.deserialize(request.input);
    const { type, path } = request;
    return await callTRPCProcedure({ router, path, type, ctx, signal, batchIndex: 0, getRawInput: async () => input });
  };

  /** A query or a mutation, to its answer. */
  const compute = async (request: RpcRequest, signal: AbortSignal): Promise<CallAnswer> => {
    let ctx: inferRouterContext<R> | undefined;
    try {
      ctx = createContext(signal);
      return { kind: "data", message: { result: { data: await call(request, ctx, signal) } } };
    } catch (cause) {
      return { kind: "error", message: errorMessage(request, ctx, cause, signal) };
    }
  };

  const answer = async (request: RpcRequest) => {
    const { id, key } = request;
    const controller = new AbortController();
    let stopped = false;
    const stop = (end: () => void) => () => {
      stopped = true;
      end();
    };
    const remembered = key === undefined || request.type === "subscription" ? null : memory;
    const abort = stop(() => controller.abort());
    live.set(
      id,
      remembered === null || key === undefined
        ? { stop: abort, abandon: abort }
        : { stop: stop(() => remembered.stop(key)), abandon: stop(() => remembered.abandon(key)) },
    );
    try {
      if (request.type === "subscription") return await subscribe(request, controller.signal);
      const { kind, message } =
        remembered === null || key === undefined
          ? await compute(request, controller.signal)
          : await remembered.run(key, (signal) => compute(request, signal));
      if (!stopped) send(id, kind, message);
    } catch (cause) {
      // An answer that cannot be put on the wire.
      if (!stopped) send(id, "error", errorMessage(request, undefined, cause, controller.signal));
    } finally {
      live.delete(id);
    }
  };

  const subscribe = async (request: RpcRequest, signal: AbortSignal) => {
    let ctx: inferRouterContext<R> | undefined;
    try {
      ctx = createContext(signal);
      await pump(request.id, (await call(request, ctx, signal)) as AsyncIterable<unknown>, signal);
    } catch (cause) {
      if (!signal.aborted) send(request.id, "error", errorMessage(request, ctx, cause, signal));
    }
  };

  const pump = async (id: number, items: AsyncIterable<unknown>, signal: AbortSignal) => {
    const iterator = items[Symbol.asyncIterator]();
    const stopped = new Promise<{ done: true; value: undefined }>((resolve) =>
      signal.addEventListener("abort", () => resolve({ done: true, value: undefined }), { once: true }),
    );
    try {
      for (;;) {
        // An idle generator must not outlive its caller.
        const step = await Promise.race([iterator.next(), stopped]);
        if (step.done) break;
        const item: unknown = step.value;
        const message = isTrackedEnvelope(item)
          ? { result: { type: "data", id: item[0], data: { id: item[0], data: item[1] } } }
          : { result: { type: "data", data: item } };
        const payload: unknown = transformTRPCResponse(config, message as never);
        await Promise.race([socket.timeout(SUBSCRIPTION_ACK_TIMEOUT_MS).emitWithAck("trpc:res", id, "data", payload), stopped]);
      }
      if (!signal.aborted) send(id, "done");
    } finally {
      iterator.return?.().catch(() => {});
    }
  };

  const onRequest = (raw: unknown) => {
    const parsed = RpcRequest.safeParse(raw);
    if (!parsed.success || live.has(parsed.data.id)) return;
    const request: RpcRequest = parsed.data;
    if (live.size >= MAX_CONCURRENT_CALLS) {
      const app = { code: "rate_limited", message: "The host is busy with too many calls at once; try again." };
      send(request.id, "error", { error: { code: -32029, message: app.message, data: { code: "TOO_MANY_REQUESTS", app } } });
      return;
    }
    void answer(request);
  };
  const onStop = (id: unknown) => {
    if (typeof id === "number") live.get(id)?.stop();
  };
  const stop = () => {
    socket.off("trpc:req", onRequest);
    socket.off("trpc:stop", onStop);
    socket.off("disconnect", stop);
    for (const { abandon } of live.values()) abandon();
    live.clear();
  };
  socket.on("trpc:req", onRequest);
  socket.on("trpc:stop", onStop);
  socket.on("disconnect", stop);
  return stop;
}
