import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { RELAY_PATHS } from "@indium/contract/protocol";
import { boundedParser } from "@indium/tunnel/bounded-parser";
import { loadOrCreateKeyPair } from "@indium/tunnel/key-files";
import { pace, Turnstile } from "@indium/tunnel/turnstile";
import { Server as SocketServer } from "socket.io";
import { Centre } from "./centre";
import type { RelayEnv } from "./env";
import type { Log } from "./log";
import type { Carriers } from "./overlay/carriers";
import { RelayOverlay } from "./overlay/overlay";
import { Refusals } from "./refusals";
import { RemoteAddresses } from "./remote-address";
import { Door } from "./sessions/door";
import { drain } from "./sessions/drain";
import { LEASE_INTERVAL_MS, Leases } from "./sessions/leases";
import { RelayListTeller } from "./sessions/relay-list";
import type { LinkServer } from "./sessions/session";
import { Sessions } from "./sessions/sessions";
import { ConsoleAudit } from "./streams/console-audit";
import { ConsoleStreams } from "./streams/console-streams";
import { refuseHttp } from "./streams/refuse-websocket";
import { createRelayApi } from "./switchboard/relay-api";
import { forwardReports } from "./switchboard/reports";
import { USAGE_INTERVAL_MS, UsageBatcher } from "./switchboard/usage";
import { overlaySystem } from "./system/exec";

/** Bounds against strangers on the public port: long headers, and headers that come drop by drop. */
const PUBLIC_LIMITS = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 2_000 };
/** A fleet that comes back at once must not hold up the links and consoles that are there. */
const ARRIVALS = { turnMs: 8 };
/** Per direction of a splice: at Node's own 16 KiB a busy console pauses and resumes at every chunk. What a stalled viewer holds here stays near a megabyte. */
const SPLICE_BUFFER_BYTES = 262_144;
/**
 * Of one message of an agent, or of a stranger who has not proved anything yet: a batch of reports is at most half a megabyte and the
 * longest answer, the tail of a serial log full of control characters, less than two. What goes down to agents is not bound by it.
 */
const MAX_MESSAGE_BYTES = 4_000_000;
const BUSY_RETRY_SECONDS = 10;

export interface Relay {
  readonly port: number;
  readonly rpcPort: number;
  readonly sessions: Sessions;
  readonly streams: ConsoleStreams;
  readonly overlay: RelayOverlay;
  /** What `GET /metrics` on the private listener answers. */
  metrics(): RelayMetrics;
  /**
   * Takes no more links, has its hosts go to other relays, lets consoles go on, and resolves when nothing is left or the time is over; call `close`
   * then. Resolves at once where there is no other relay to go to.
   */
  drain(): Promise<void>;
  /** Ends every link and stream. Agents come back by themselves. */
  close(): Promise<void>;
}

export interface RelayMetrics {
  readonly links: number;
  /** Kept ready by hosts that are linked to other relays. */
  readonly standbys: number;
  /** Of those who want to link and have proved nothing yet. */
  readonly waiting: number;
  readonly streams: number;
  /** Of these, how many a front carries without us. */
  readonly joined: number;
  /** Hosts whose WireGuard goes by a stream, because UDP does not reach them. */
  readonly carriers: number;
  /** Since the start, by reason. */
  readonly refusals: Refusals["counts"];
}

/** Starts a relay. Resolves when it listens; it then registers with the centre until that answers. @throws EADDRINUSE and the like. */
export async function startRelay(env: RelayEnv, log: Log): Promise<Relay> {
  const startedAt = Date.now();
  const keys = await loadOrCreateKeyPair(join(env.keysDirectory, "relays", env.name), "ed25519");
  const { name, keysDirectory, internalUrls, publicUrl } = env;
  const centre = new Centre({ name, keys, keysDirectory, internalUrls, publicUrl, startedAt, log });

  const refusals = new Refusals();
  const addresses = new RemoteAddresses(env.trustedProxies);
  const door = new Door(refusals, { addresses });
  const links = createServer(
    { ...PUBLIC_LIMITS, highWaterMark: SPLICE_BUFFER_BYTES, noDelay: true },
    answerPlainRequest(() => centre.certificate !== null),
  );
  const io: LinkServer = new SocketServer(links, {
    path: RELAY_PATHS.link,
    serveClient: false,
    transports: ["websocket"],
    perMessageDeflate: false,
    parser: boundedParser,
    pingInterval: 5_000,
    pingTimeout: 10_000,
    connectTimeout: 10_000,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    // Upgrades of other paths are the console's and the streams'.
    destroyUpgrade: false,
    allowRequest: (request, answer) => {
      // Nothing but an upgrade is served there.
      if (request.headers.upgrade === undefined) return answer(null, false);
      door.admit(request, (isRoom) => {
        if (isRoom) return answer(null, true);
        // engine.io's own refusal is a 400, which says nothing of coming again.
        refuseHttp(request.socket, 503, "Too many hosts are linking at once. Try again in a moment.", BUSY_RETRY_SECONDS);
      });
    },
  });

  const overlay = new RelayOverlay({
    env: env.overlay,
    relayName: env.name,
    keysDirectory: env.keysDirectory,
    system: overlaySystem,
    centre,
    log,
    refusals,
    accept: (socket) => links.emit("connection", socket),
  });
  const usage = new UsageBatcher(centre);
  const audit = new ConsoleAudit(centre);
  const sessions = new Sessions(io, {
    relayName: env.name,
    keys,
    centre,
    log,
    door,
    refusals,
    onSession: (session) => {
      forwardReports(session, centre);
      usage.listen(session);
      overlay.listen(session);
    },
    onReady: (session) => relays.tell(session),
    maxLinks: env.maxLinks,
  });
  const relays = new RelayListTeller(sessions.registry);
  const streams = new ConsoleStreams({
    relayName: env.name,
    startedAt,
    centrePublicKey: () => centre.publicKey,
    sessions: sessions.registry,
    trusts: (address) => addresses.trusts(address),
    audit,
    refusals,
    log,
  });
  const metrics = (): RelayMetrics => ({
    links: sessions.registry.size,
    standbys: sessions.standbys.size,
    waiting: door.waiting,
    streams: streams.size,
    joined: streams.joined,
    carriers: overlay.carriers.size,
    refusals: refusals.counts,
  });
  countFrames(io, refusals);
  routeUpgrades(links, { streams, carriers: overlay.carriers, refusals });
  const rpc = createServer(
    { headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 65_000 },
    withMetrics(createRelayApi({ keys, centre, sessions, streams, overlay, log }), metrics),
  );
  for (const server of [links, rpc]) answerGarbage(server, refusals);
  pace(links, new Turnstile(ARRIVALS));

  const rpcPort = await listen(rpc, env.rpcPort, env.rpcBind);
  const port = await listen(links, env.port, env.bind).catch((thrown: unknown) => {
    rpc.close();
    throw thrown;
  });
  const leases = new Leases({ sessions, centre, overlay, relays, relayName: env.name, log });
  const renew = () => (centre.certificate === null ? Promise.resolve() : leases.renew());
  const timers = [setInterval(() => void renew(), LEASE_INTERVAL_MS), setInterval(() => void usage.flush(), USAGE_INTERVAL_MS)];
  const registration = centre.keepRegistered(env.rpcUrl ?? `http://127.0.0.1:${rpcPort}`, overlay, () => void renew());

  return {
    port,
    rpcPort,
    sessions,
    streams,
    overlay,
    metrics,
    drain: () => drain({ sessions, streams, relays, relayName: env.name, boundMs: env.drainMs, renew, log }),
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      sessions.stop();
      streams.close();
      audit.stop();
      centre.stop();
      await overlay.close();
      await io.close();
      await new Promise<void>((resolve) => {
        rpc.close(() => resolve());
        rpc.closeAllConnections();
      });
      links.closeAllConnections();
      await registration;
    },
  };
}

function answerPlainRequest(isRegistered: () => boolean): RequestListener {
  return (request, response) => {
    const known = request.url === RELAY_PATHS.health;
    response.writeHead(known ? 200 : 404, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(known ? JSON.stringify({ ok: true, registered: isRegistered() }) : '{"ok":false}');
  };
}

/** The private listener's only answer to who signs nothing: numbers, and no names. */
function withMetrics(signed: RequestListener, metrics: () => RelayMetrics): RequestListener {
  return (request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") return signed(request, response);
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify(metrics()));
  };
}

/** Before and after its proof: what a message too long, a compressed one or garbage ends is a "transport error" or "parse error" to engine.io. */
function countFrames(io: LinkServer, refusals: Refusals): void {
  io.engine.on("connection", (socket: { once: (event: "close", listener: (reason: string) => void) => void; readyState: string }) => {
    socket.once("close", (reason) => {
      if (reason === "transport error" || reason === "parse error") refusals.count("frame");
    });
  });
}

function routeUpgrades(
  server: Server,
  { streams, carriers, refusals }: { streams: ConsoleStreams; carriers: Carriers; refusals: Refusals },
): void {
  server.on("upgrade", (request, socket, head) => {
    if (!(socket instanceof Socket)) return void socket.destroy();
    const path = (request.url ?? "").split("?")[0] ?? "";
    // engine.io's, which takes no other form of it: what neither takes would stay open for ever.
    if (path.startsWith(`${RELAY_PATHS.link}/`)) return;
    if (path === RELAY_PATHS.console) return streams.acceptViewer(request, socket, head);
    if (path.startsWith(`${RELAY_PATHS.stream}/`)) {
      if (!carriers.accept(request, socket, head)) streams.acceptAgent(request, socket, head);
      return;
    }
    socket.on("error", () => socket.destroy());
    refusals.count("upgrade");
    refuseHttp(socket, 404, "There is nothing here.");
  });
}

function answerGarbage(server: Server, refusals: Refusals): void {
  server.on("clientError", (_error, socket) => {
    refusals.count("http");
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    else socket.destroy();
  });
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, 1024, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
