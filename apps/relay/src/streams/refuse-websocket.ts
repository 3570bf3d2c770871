import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import { closeReason } from "@indium/tunnel/close-reason";
import { isWebsocketUpgrade } from "./upgrade-request";

/** RFC 6455 section 1.3. */
const WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const FIN_AND_CLOSE = 0x88;
const LINGER_MS = 2_000;

/**
 * Tells a browser why there is no console. It shows a page nothing of a refused upgrade, so the handshake is completed and
 * a close frame follows, with the code and the words.
 */
export function refuseWebsocket(socket: Duplex, headers: IncomingHttpHeaders, code: number, reason: string): void {
  if (socket.destroyed) return;
  if (!isWebsocketUpgrade(headers)) {
    refuseHttp(socket, 400, reason);
    return;
  }
  const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}${WEBSOCKET_GUID}`).digest("base64");
  // A browser that offered subprotocols drops a connection which selects none, close frame unread.
  const offered = headers["sec-websocket-protocol"]?.split(",")[0]?.trim() ?? "";
  const selected = /^[A-Za-z0-9.-]{1,60}$/.test(offered) ? `Sec-WebSocket-Protocol: ${offered}\r\n` : "";
  const words = Buffer.from(closeReason(reason), "utf8");
  const frame = Buffer.concat([Buffer.from([FIN_AND_CLOSE, words.length + 2, code >> 8, code & 0xff]), words]);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${selected}\r\n`,
  );
  socket.end(frame);
  linger(socket);
}

/** A plain answer to an upgrade that leads nowhere. */
export function refuseHttp(socket: Duplex, status: 400 | 404 | 503, words: string, retryAfterSeconds?: number): void {
  if (socket.destroyed) return;
  const names = { 400: "Bad Request", 404: "Not Found", 503: "Service Unavailable" } as const;
  const body = `${words}\n`;
  const retry = retryAfterSeconds === undefined ? "" : `Retry-After: ${retryAfterSeconds}\r\n`;
  socket.end(
    `HTTP/1.1 ${status} ${names[status]}\r\nConnection: close\r\n${retry}Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  linger(socket);
}

/** Reads on a little, so that unread bytes of the peer do not turn the close into a reset that eats our words. */
function linger(socket: Duplex): void {
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}
