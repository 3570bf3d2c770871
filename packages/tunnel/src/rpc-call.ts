import { AppError } from "@indium/contract/errors";
import type { RpcRequest } from "@indium/contract/link";

/** The part of a socket.io server-side socket this file uses. */
export interface CallingSocket {
  readonly connected: boolean;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
}

/** Both still as the agent's transformer serialized them: the relay understands neither. */
export type RawRpcAnswer = { ok: true; result: unknown } | { ok: false; error: unknown };

export interface RpcCallOptions {
  readonly timeoutMs: number;
  readonly maxConcurrent: number;
}

/** A call that was sent and waits. It may change its caller when the link moves; its time limit goes with it. */
interface PendingCall {
  readonly request: Pick<RpcRequest, "type" | "path" | "input" | "key">;
  readonly settle: (kind: string, message: unknown) => void;
  /** Where it waits now. */
  place: { readonly caller: RpcCaller; readonly id: number };
}

/**
 * The caller's end of reverse tRPC on one socket. One per socket; a lost link settles everything under way, unless another link has taken
 * its place before (`takeOver`).
 */
export class RpcCaller {
  readonly #socket: CallingSocket;
  readonly #pending = new Map<number, PendingCall>();
  #lastId = 0;

  constructor(socket: CallingSocket) {
    this.#socket = socket;
    socket.on("trpc:res", (id: unknown, kind: unknown, message: unknown, ack: unknown) => {
      if (typeof id === "number" && typeof kind === "string") this.#pending.get(id)?.settle(kind, message);
      if (typeof ack === "function") ack();
    });
    socket.on("disconnect", () => {
      for (const { settle } of [...this.#pending.values()]) settle("lost", null);
    });
  }

  /** Calls now under way. */
  get active(): number {
    return this.#pending.size;
  }

  /**
   * @throws AppError `host_unreachable` when nothing was sent, `rate_limited` above `maxConcurrent`, and `host_timeout` when the
   *   call was sent and no answer came in time or the link was lost meanwhile: it may have been carried out.
   */
  call(request: Pick<RpcRequest, "type" | "path" | "input">, options: RpcCallOptions): Promise<RawRpcAnswer> {
    if (!this.#socket.connected)
      return Promise.reject(new AppError("host_unreachable", "The host is not connected; nothing was sent to it."));
    if (this.#pending.size >= options.maxConcurrent) {
      return Promise.reject(new AppError("rate_limited", `${this.#pending.size} calls to this host are under way; try again in a moment.`));
    }
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        call.place.caller.#pending.delete(call.place.id);
      };
      const timer = setTimeout(() => {
        end();
        call.place.caller.#socket.emit("trpc:stop", call.place.id);
        reject(
          new AppError(
            "host_timeout",
            `The host gave no answer to ${request.path} in ${options.timeoutMs / 1000} s; it may have been carried out.`,
          ),
        );
      }, options.timeoutMs);
      const settle = (kind: string, message: unknown) => {
        end();
        if (kind === "lost") {
          reject(
            new AppError("host_timeout", `The link to the host was lost before it answered ${request.path}; it may have been carried out.`),
          );
          return;
        }
        const answer = rawAnswer(message);
        if (answer === null) reject(new AppError("internal", `The host's answer to ${request.path} is malformed.`));
        else resolve(answer);
      };
      const { type, path, input } = request;
      const call: PendingCall = { request: { type, path, input, key: newCallKey() }, settle, place: { caller: this, id: 0 } };
      this.#send(call);
    });
  }

  /**
   * Sends what waits at another caller of the same host once more, here: the host knows a call by its key and carries it out once. Call it when
   * this link is ready and the other is about to end.
   */
  takeOver(from: RpcCaller): void {
    const calls = [...from.#pending.values()];
    from.#pending.clear();
    for (const call of calls) this.#send(call);
  }

  #send(call: PendingCall): void {
    this.#lastId += 1;
    const id = this.#lastId;
    call.place = { caller: this, id };
    this.#pending.set(id, call);
    this.#socket.emit("trpc:req", { id, ...call.request } satisfies RpcRequest);
  }
}

function newCallKey(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function rawAnswer(message: unknown): RawRpcAnswer | null {
  if (typeof message === "object" && message !== null) {
    if ("error" in message) return { ok: false, error: message.error };
    if ("result" in message && typeof message.result === "object" && message.result !== null) {
      return { ok: true, result: "data" in message.result ? message.result.data : undefined };
    }
  }
  return null;
}
