import type { IncomingHttpHeaders } from "node:http";

const WEBSOCKET_HEADER = /^sec-websocket-[a-z0-9-]{1,40}$/;
/** Visible ASCII, space and tab: nothing that could end a line. */
const SAFE_VALUE = /^[\t\x20-\x7e]{0,1024}$/;

/**
 * The viewer's upgrade as the agent gets to see it: rebuilt from the `Sec-WebSocket-*` headers and nothing else, so that no
 * cookie, authorization, origin, address or query of a user ever reaches a host.
 */
export function rebuildUpgrade(headers: IncomingHttpHeaders): string {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    WEBSOCKET_HEADER.test(name) && typeof value === "string" && SAFE_VALUE.test(value) ? [`${name}: ${value}`] : [],
  );
  return ["GET / HTTP/1.1", "Host: stream", "Connection: Upgrade", "Upgrade: websocket", ...kept, "", ""].join("\r\n");
}

/** RFC 6455 section 4.2.1, as far as the relay must know it. */
export function isWebsocketUpgrade(headers: IncomingHttpHeaders): boolean {
  const key = headers["sec-websocket-key"];
  return (
    headers.upgrade?.toLowerCase() === "websocket" &&
    headers["sec-websocket-version"] === "13" &&
    typeof key === "string" &&
    /^[A-Za-z0-9+/]{22}==$/.test(key)
  );
}
