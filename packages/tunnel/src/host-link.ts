import { AppError } from "@indium/contract/errors";
import { TRPCClientError, type TRPCLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { observable } from "@trpc/server/observable";
import superjson from "superjson";
import { readSuperjson } from "./bounded-superjson";
import type { RawRpcAnswer } from "./rpc-call";
import { appErrorOf } from "./rpc-error";

export interface HostCall {
  readonly type: "query" | "mutation";
  readonly path: string;
  /** Serialized by superjson. */
  readonly input: unknown;
  readonly signal: AbortSignal | null;
}

/** Carries one call to wherever the host is linked (web: `relayApi.call`). Throws AppErrors. */
export type HostTransport = (call: HostCall) => Promise<RawRpcAnswer>;

/**
 * A terminating link of a tRPC client whose router lives on a host. What it throws is a TRPCClientError; `appErrorOf` gives
 * the AppError in it, whether the transport threw it or the agent answered it.
 */
export function hostLink<R extends AnyTRPCRouter>(transport: HostTransport): TRPCLink<R> {
  return () =>
    ({ op }) =>
      observable((observer) => {
        let over = false;
        const fail = (thrown: unknown) => {
          if (over) return;
          over = true;
          observer.error(TRPCClientError.from<R>(thrown instanceof Error ? thrown : appErrorOf(thrown)));
        };
        const { type } = op;
        if (type === "subscription") {
          fail(new AppError("unsupported", "Hosts are asked by queries and mutations only; live data comes in reports."));
          return;
        }
        transport({ type, path: op.path, input: superjson.serialize(op.input), signal: op.signal ?? null })
          .then((answer) => {
            if (over) return;
            if (!answer.ok) return fail(errorOf(answer.error));
            const data: unknown = deserialize(answer.result);
            over = true;
            observer.next({ result: { type: "data", data } });
            observer.complete();
          })
          .catch(fail);
        return () => {
          over = true;
        };
      });
}

function deserialize(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    return readSuperjson(value);
  } catch (cause) {
    throw new AppError("internal", "The host gave an answer this side does not understand.", { cause });
  }
}

/** The agent's error shape with our WireError in `data.app`, as an AppError. */
function errorOf(serialized: unknown): AppError {
  return appErrorOf(deserialize(serialized));
}
