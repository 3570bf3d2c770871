import { AppError, toAppError } from "@indium/contract/errors";
import type { HostId } from "@indium/contract/ids";
import { LinkHello } from "@indium/contract/link";
import { pause } from "@indium/tunnel/backoff";
import { Semaphore } from "@indium/tunnel/semaphore";
import type { Log } from "../log";
import type { Refusal, Refusals } from "../refusals";
import type { Door } from "./door";
import { authenticate, type HandshakeDependencies, mayRetry } from "./handshake";
import { type LinkServer, type LinkSocket, type Session, SessionRegistry } from "./session";

/** From the centre's commit of a new epoch to its answer's arrival here. */
const MOVE_WAIT_MS = 2_000;
const MOVE_POLL_MS = 20;
const FAREWELLS_AT_ONCE = 4;
const BUSY_RETRY_MS = 30_000;
const DRAINING_RETRY_MS = 10_000;

export interface SessionsOptions extends HandshakeDependencies {
  readonly log: Log;
  readonly door: Door;
  readonly refusals: Refusals;
  /** Once authenticated, before the agent is told that it is: attach listeners here. */
  readonly onSession: (session: Session) => void;
  /** Once the agent has been told. */
  readonly onReady: (session: Session) => void;
  readonly maxLinks: number;
}

/** Links from their first byte to their last: authenticates them, keeps one per host, tells the centre when one goes. */
export class Sessions {
  readonly registry = new SessionRegistry();
  /** How many handshakes are under way, by key. Bounded by the door. */
  readonly #proving = new Map<string, number>();
  readonly #options: SessionsOptions;
  readonly #farewells = new Semaphore(FAREWELLS_AT_ONCE);
  #closing = false;
  #draining = false;

  constructor(server: LinkServer, options: SessionsOptions) {
    this.#options = options;
    server.on("connection", (socket) => void this.#accept(socket));
  }

  /** The session that calls of this epoch are for; waited for while the host is moving to it. Null when there is none. */
  async expect(hostId: HostId, linkEpoch: number): Promise<Session | null> {
    const deadline = Date.now() + MOVE_WAIT_MS;
    for (;;) {
      const session = this.registry.get(hostId);
      if (session === undefined) return null;
      if (session.answersTo(linkEpoch)) return session;
      if (session.linkEpoch > linkEpoch || !this.isProving(session.publicKey) || Date.now() > deadline) return null;
      await pause(MOVE_POLL_MS);
    }
  }

  /** Ends a host's link now. `retry: false` for a revoked one. */
  drop(hostId: HostId, error: AppError, retry: boolean): void {
    const session = this.registry.get(hostId);
    if (session !== undefined) refuse(session.socket, error, retry);
  }

  /** Takes no more links; what is linked stays until it is told to leave. */
  drain(): void {
    this.#draining = true;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** The leases then run out by themselves: a relay that is back at once has lost no host. */
  stop(): void {
    this.#closing = true;
  }

  async #accept(socket: LinkSocket): Promise<void> {
    const { log, onSession, onReady, door, refusals } = this.#options;
    const address = door.addressOf(socket.request);
    door.greet(socket.request);
    const busy = this.#busy();
    if (busy !== null) {
      refusals.count("link_busy");
      refuse(socket, busy.error, true, busy.retryAfterMs);
      return door.turnAway(socket.request);
    }
    const proved = this.#prove(socket.handshake.auth);
    let session: Session;
    try {
      session = await authenticate(socket, address, this.#options);
    } catch (thrown) {
      const error = toAppError(thrown, "The relay failed at this; its log says why.");
      refusals.count(reasonOf(error));
      log("warning", `link refused: ${error.message}`, { code: error.code, address });
      refuse(socket, error, mayRetry(error));
      return door.turnAway(socket.request);
    } finally {
      proved();
    }
    door.pass(socket.request);
    forgetRequest(socket);
    if (!socket.connected) return this.#released(session);
    const loser = this.registry.claim(session);
    const moved = loser !== null && loser !== session && session.moving && loser.socket.connected ? loser : null;
    if (loser !== null && moved === null) {
      log("info", "a host linked twice; the older link is dropped", { host: session.hostId, epoch: session.linkEpoch });
      refuse(loser.socket, new AppError("conflict", "This host has linked again; this link is the older one."), true);
      if (loser === session) return;
    }
    socket.on("disconnect", (reason) => {
      if (!this.registry.release(session)) return;
      log("info", "link ended", { host: session.hostId, epoch: session.linkEpoch, reason });
      if (!this.#closing) this.#released(session);
    });
    onSession(session);
    socket.emit("link:ready", { claim: session.claim });
    onReady(session);
    if (moved !== null) {
      session.takeOver(moved);
      refuse(moved.socket, new AppError("conflict", "This host has moved to another link."), true);
    }
    log("info", moved === null ? "host linked" : "host moved its link", { host: session.hostId, epoch: session.linkEpoch, address });
  }

  /** Before anything is asked of anyone: whoever is sent away here costs next to nothing. */
  #busy(): { error: AppError; retryAfterMs: number } | null {
    if (this.#draining)
      return {
        error: new AppError("rate_limited", "This relay is about to end and takes no more links."),
        retryAfterMs: DRAINING_RETRY_MS,
      };
    const { maxLinks } = this.#options;
    if (this.registry.size < maxLinks) return null;
    return {
      error: new AppError("rate_limited", `This relay holds ${maxLinks} links already, as many as it may.`),
      // Spread, because all of them are told the same.
      retryAfterMs: Math.round(BUSY_RETRY_MS * (0.5 + Math.random())),
    };
  }

  /** Whether a host that holds this key proves itself on another link just now: its epoch is about to rise. */
  isProving(publicKey: string): boolean {
    return this.#proving.has(publicKey);
  }

  /** Notes that a key is being proved, until what it returns is called. */
  #prove(hello: unknown): () => void {
    const key = LinkHello.pick({ publicKey: true }).safeParse(hello).data?.publicKey;
    if (key === undefined) return () => {};
    this.#proving.set(key, (this.#proving.get(key) ?? 0) + 1);
    return () => {
      const left = (this.#proving.get(key) ?? 1) - 1;
      if (left === 0) this.#proving.delete(key);
      else this.#proving.set(key, left);
    };
  }

  /**
   * A hint that makes the page quick; when it is lost, the lease running out says the same. Few at once: when a whole fleet goes it must not stand in the
   * way of its coming back, and of who is back by its turn there is nothing to say.
   */
  #released({ hostId, linkEpoch }: Session): void {
    this.#farewells
      .run(async () => {
        if (this.registry.get(hostId) === undefined) await this.#options.centre.call("disconnectHost", { hostId, linkEpoch });
      })
      .catch(() => {});
  }
}

/** Of an idle link half of what is held would be what its first request said; a relay has thousands. */
function forgetRequest(socket: LinkSocket): void {
  Object.assign(socket.conn, { request: null });
  Object.assign(socket.handshake, { headers: {}, auth: {}, query: {} });
}

function reasonOf({ code }: AppError): Refusal {
  switch (code) {
    case "bad_request":
      return "link_malformed";
    case "unauthenticated":
    case "conflict":
      return "link_proof";
    case "host_timeout":
      return "link_late";
    default:
      return "link_forbidden";
  }
}

function refuse(socket: LinkSocket, error: AppError, retry: boolean, retryAfterMs?: number): void {
  socket.emit("link:refused", { error: error.toWire(), retry, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  socket.disconnect(true);
}
