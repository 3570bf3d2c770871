import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { RELAY_QUERY } from "@indium/contract/protocol";
import { KEEP_ALIVE_MS } from "@indium/tunnel/splice";
import { pace, Turnstile } from "@indium/tunnel/turnstile";
import { type BodyPace, USUAL_PACE, watchBody } from "./body-watch";
import { Bounds } from "./bounds";
import type { TlsMaterial } from "./certificate";
import { codingOf, compressedHeaders, compressor, isCompressible } from "./compression";
import { answerHeaders, forwardedHeaders, type Origin, requestHead } from "./headers";
import { Junction, type Upstream } from "./junction";
import { refuseConnection, refuseRequest } from "./refuse";
import { badGateway } from "./starting-page";

export interface FrontOptions {
  readonly tls: TlsMaterial | null;
  readonly webPort: number;
  /** Of the relay that requests without a name, or with one that is not in `relays`, are for. */
  readonly relayPort: number;
  /** More relays behind this origin, by name: `?relay=<name>` is for them. */
  readonly relays?: ReadonlyMap<string, Upstream>;
  readonly bounds?: Bounds;
  readonly bodyPace?: BodyPace;
}

/** Uploads of disk images take as long as they take while they move (body-watch.ts); headers do not. */
const LIMITS = {
  maxHeaderSize: 32_768,
  headersTimeout: 20_000,
  connectionsCheckingInterval: 5_000,
  requestTimeout: 0,
  // Peers that are gone without a word.
  keepAlive: true,
  keepAliveInitialDelay: 15_000,
  keepAliveTimeout: 75_000,
  noDelay: true,
  highWaterMark: 262_144,
};
const TLS_HANDSHAKE_MS = 15_000;
/**
 * New connections, beside those who are in: the loop's turns stay this short whatever kind of key the certificate has. Until their first request is on
 * its way they are bounded in number too, because each costly step comes when the other side speaks, and thousands may do that at the same moment.
 */
const ARRIVALS = { turnMs: 5, atOnce: 24, patienceMs: 50 };
const HERE = "127.0.0.1";

const isForRelay = (url: string): boolean => /^\/relay(?:[/?]|$)/.test(url);

/** The one public port: `/relay/…` to the relay that it is for, the rest to Next, byte for byte and unbuffered both ways. */
export function createFront(options: FrontOptions): Server {
  const pool = new Agent({ keepAlive: true, noDelay: true });
  const { bounds = new Bounds(), bodyPace = USUAL_PACE } = options;
  const junction = new Junction();
  const protocol = options.tls === null ? "http" : "https";
  const originOf = (incoming: IncomingMessage): Origin => ({
    remoteAddress: incoming.socket.remoteAddress ?? "",
    protocol,
    host: incoming.headers.host ?? "",
  });
  const upstreamOf = (url: string): Upstream => {
    if (!isForRelay(url)) return { host: HERE, port: options.webPort };
    const name = new URLSearchParams(url.split("?")[1] ?? "").get(RELAY_QUERY);
    return options.relays?.get(name ?? "") ?? { host: HERE, port: options.relayPort };
  };

  const refusalOf = (incoming: IncomingMessage, url: string): 400 | 503 | null =>
    bounds.isLeaving(incoming.socket) ? 503 : url.startsWith("/") ? null : 400;

  const arrivals = new Turnstile(ARRIVALS);
  const arriving = new WeakSet<Duplex>();
  const arrives = (socket: Duplex) => {
    arriving.add(socket);
    socket.once("close", () => arrived(socket));
  };
  const arrived = (socket: Duplex) => {
    if (arriving.delete(socket)) arrivals.through();
  };

  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    arrived(incoming.socket);
    const url = incoming.url ?? "";
    const refusal = refusalOf(incoming, url);
    if (refusal !== null) {
      refuseRequest(outgoing, refusal);
      return;
    }
    // Idle connections are the first to go.
    if (bounds.nearlyFull) outgoing.shouldKeepAlive = false;
    forward(incoming, outgoing, {
      pool,
      upstream: upstreamOf(url),
      headers: forwardedHeaders(incoming.rawHeaders, originOf(incoming), { toRelay: isForRelay(url), upgrade: false }),
      compresses: !isForRelay(url),
      bodyPace,
      onSlowBody: () => bounds.count("slow_body"),
    });
  };

  const onUpgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const url = incoming.url ?? "";
    const headers = forwardedHeaders(incoming.rawHeaders, originOf(incoming), { toRelay: isForRelay(url), upgrade: true });
    incoming.socket.setTimeout(0);
    incoming.socket.setNoDelay(true);
    incoming.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on("error", () => socket.destroy());
    // Node hands over nothing else.
    if (!(socket instanceof Socket)) return void socket.destroy();
    const refusal = refusalOf(incoming, url);
    if (refusal !== null) {
      refuseConnection(socket, refusal);
      return;
    }
    const end = junction.endOf(url);
    const request = requestHead(incoming.method ?? "GET", url, [...headers, ...Junction.headersOf(end)]);
    // By itself, so that what lives as long as the connection does not hold its request too: hosts' links live for months.
    junction.carry(socket, upstreamOf(url), { request: Buffer.from(request, "latin1"), head }, end, () => arrived(socket));
  };

  const server =
    options.tls === null
      ? createServer(LIMITS, onRequest)
      : createTlsServer({ ...LIMITS, ...options.tls, minVersion: "TLSv1.2", handshakeTimeout: TLS_HANDSHAKE_MS }, onRequest);
  server.on("upgrade", onUpgrade);
  server.on("clientError", (error: Error & { code?: string }, socket) => {
    const slow = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
    bounds.count(slow ? "slow_header" : "malformed");
    refuseConnection(socket, slow ? 408 : error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400);
  });
  server.on(options.tls === null ? "connection" : "secureConnection", arrives);
  server.on("tlsClientError", () => {
    arrivals.through();
    bounds.count("tls");
  });
  pace(server, arrivals, (socket) => bounds.admit(socket));
  server.on("close", () => pool.destroy());
  return server;
}

interface Route {
  readonly pool: Agent;
  readonly upstream: Upstream;
  readonly headers: readonly string[];
  /** The relay's answers are bytes of its own. */
  readonly compresses: boolean;
  readonly bodyPace: BodyPace;
  readonly onSlowBody: () => void;
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, route: Route, retry = true): void {
  const upstream = request({
    ...route.upstream,
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers: route.headers,
    agent: route.pool,
  });
  const bodyless = incoming.headers["content-length"] === undefined && incoming.headers["transfer-encoding"] === undefined;
  upstream.on("error", (error: Error & { code?: string }) => {
    // A pooled connection which the upstream was just closing: a request without a body is safe to ask again.
    if (retry && bodyless && upstream.reusedSocket && error.code === "ECONNRESET" && !outgoing.headersSent) {
      forward(incoming, outgoing, route, false);
      return;
    }
    if (outgoing.headersSent) outgoing.destroy();
    else badGateway(outgoing, incoming.headers.accept ?? "");
  });
  upstream.on("response", (response) => {
    const asIs = answerHeaders(response.rawHeaders);
    const coding = route.compresses ? codingOf(incoming, response) : null;
    const headers = route.compresses && isCompressible(response) ? compressedHeaders(asIs, coding) : asIs;
    outgoing.writeHead(response.statusCode ?? 502, response.statusMessage ?? "", headers);
    // Server-sent events: the headers must not wait for the first event, nor an event for the next.
    outgoing.flushHeaders();
    const fail = () => outgoing.destroy();
    response.on("error", fail);
    if (coding === null) response.pipe(outgoing);
    else {
      const through = compressor(coding);
      outgoing.once("close", () => through.destroy());
      response.pipe(through).on("error", fail).pipe(outgoing);
    }
  });
  outgoing.on("close", () => upstream.destroy());
  if (bodyless) return void upstream.end();
  incoming.pipe(upstream);
  watchBody(incoming, route.bodyPace, () => {
    route.onSlowBody();
    if (outgoing.headersSent) return void outgoing.destroy();
    incoming.unpipe(upstream);
    // Its end must not end the answer.
    upstream.removeAllListeners("error").on("error", () => {});
    upstream.destroy();
    refuseRequest(outgoing, 408);
  });
}
