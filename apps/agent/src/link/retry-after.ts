import type { ClientRequest } from "node:http";
import { NodeWebSocket } from "socket.io-client";

const MAX_MS = 600_000;

/** Of an answer's `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. Ms from `now` (since the epoch), ten minutes at most; null when there is none that can be read. */
export function retryAfterMs(value: string | undefined, now: number): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  // Date.parse alone takes almost anything for a date.
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : / GMT$/.test(text) ? Date.parse(text) - now : Number.NaN;
  return Number.isNaN(ms) ? null : Math.min(MAX_MS, Math.max(0, ms));
}

/** engine.io's websocket, which tells of an upgrade that is refused how long the relay, or what stands before it, wants to be left alone. */
export function websocketThatHears(retryAfter: (value: string | undefined) => void): typeof NodeWebSocket {
  return class extends NodeWebSocket {
    override createSocket(...[uri, protocols, options]: Parameters<NodeWebSocket["createSocket"]>) {
      // ws calls it in place of `request.end()`.
      const finishRequest = (request: ClientRequest): void => {
        request.once("response", ({ headers }) => retryAfter(headers["retry-after"]));
        request.end();
      };
      return super.createSocket(uri, protocols, { ...options, finishRequest });
    }
  };
}
