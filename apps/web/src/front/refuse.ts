import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** What the front says for itself when it serves somebody no further. */
const REFUSED = {
  400: { name: "Bad Request", code: "bad_request", message: "This is no request that the server understands." },
  408: { name: "Request Timeout", code: "bad_request", message: "The request came too slowly and was given up." },
  431: { name: "Request Header Fields Too Large", code: "bad_request", message: "The request's headers are too long." },
  503: { name: "Service Unavailable", code: "rate_limited", message: "The server has too many connections open. Try again in a moment." },
} as const;
export type RefusalStatus = keyof typeof REFUSED;
const RETRY_AFTER_SECONDS = 10;

const bodyOf = (status: RefusalStatus): string => {
  const { code, message } = REFUSED[status];
  return JSON.stringify({ error: { code, message } });
};

export function refuseRequest(response: ServerResponse, status: RefusalStatus): void {
  const body = bodyOf(status);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    connection: "close",
    ...(status === 503 ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {}),
  });
  response.end(body);
}

/** The same on a connection that no request stands for: an upgrade, or what was no request. */
export function refuseConnection(socket: Duplex, status: RefusalStatus): void {
  if (!socket.writable) return void socket.destroy();
  const body = bodyOf(status);
  const retry = status === 503 ? `Retry-After: ${RETRY_AFTER_SECONDS}\r\n` : "";
  socket.end(
    `HTTP/1.1 ${status} ${REFUSED[status].name}\r\nConnection: close\r\nContent-Type: application/json\r\n${retry}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
