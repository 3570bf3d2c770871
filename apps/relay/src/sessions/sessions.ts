import { AppError, toAppError } from "@indium/contract/errors";
import type { HostId } from "@indium/contract/ids";
import { LinkHello } from "@indium/contract/link";
import { pause } from "@indium/tunnel/backoff";
import { Semaphore } from "@indium/tunnel/semaphore";
import type { Log } from "../log";
import type { Refusal, Refusals } from "../refusals";
import type { Door } from "./door";
import { authenticate, authenticateStandby, type HandshakeDependencies, mayRetry } from "./handshake";
import { type LinkServer, type LinkSocket, type Session, SessionRegistry } from "./session";
import { Standbys } from "./standbys";

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

/** Links from their first byte to their last: authenticates them, keeps one per host (and one standby), tells the centre when a link goes. */
export class Sessions {
  readonly registry = new SessionRegistry();
  readonly standbys = new Standbys();
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

  /** Its host was removed. */
  dropStandby(hostId: HostId, error: AppError): void {
    const socket = this.standbys.release(hostId);
    if (socket !== null) refuse(socket, error, false);
  }

  /** Those to be told when this relay is about to end: links first, because they have something to lose. */
  leaving(): LinkSocket[] {
    return [...this.registry.all().map(({ socket }) => socket), ...this.standbys.sockets()];
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
    const { door, refusals } = this.#options;
    const address = door.addressOf(socket.request);
    door.greet(socket.request);
    const { auth } = socket.handshake;
    const standby = LinkHello.pick({ standby: true }).safeParse(auth).data?.standby === true;
    const busy = this.#busy(standby);
    if (busy !== null) {
      refusals.count("link_busy");
      refuse(socket, busy.error, true, busy.retryAfterMs);
      return door.turnAway(socket.request);
    }
    const passed = () => {
      door.pass(socket.request);
      forgetRequest(socket);
    };
    const letIn = standby ? await this.#standBy(socket, auth, address, passed) : await this.#link(socket, auth, address, passed);
    if (!letIn) door.turnAway(socket.request);
  }

  /** False when it was refused. */
  async #standBy(socket: LinkSocket, auth: unknown, address: string, passed: () => void): Promise<boolean> {
    let hostId: HostId;
    try {
      hostId = await authenticateStandby(socket, auth, this.#options);
    } catch (thrown) {
      return this.#turnedAway(socket, thrown, address);
    }
    passed();
    if (!socket.connected) return true;
    // Of the hello as little as its promotion needs.
    const { protocol, agentVersion, publicKey } = LinkHello.parse(auth);
    const former = this.standbys.hold(hostId, socket, (agentNonce) => {
      const hello: LinkHello = { protocol, agentVersion, publicKey, agentNonce };
      if (this.#draining) refuse(socket, drainingError(), true, DRAINING_RETRY_MS);
      else void this.#link(socket, hello, address, () => {});
    });
    if (former !== null) refuse(former, new AppError("conflict", "This host stands by with another link."), true);
    socket.emit("link:standby");
    return true;
  }

  #turnedAway(socket: LinkSocket, thrown: unknown, address: string): false {
    const { log, refusals } = this.#options;
    const error = toAppError(thrown, "The relay failed at this; its log says why.");
    refusals.count(reasonOf(error));
    log("warning", `link refused: ${error.message}`, { code: error.code, address });
    refuse(socket, error, mayRetry(error));
    return false;
  }

  /** False when it was refused. */
  async #link(socket: LinkSocket, auth: unknown, address: string, passed: () => void): Promise<boolean> {
    const proved = this.#prove(auth);
    let session: Session;
    try {
      session = await authenticate(socket, auth, address, this.#options);
    } catch (thrown) {
      return this.#turnedAway(socket, thrown, address);
    } finally {
      proved();
    }
    passed();
    this.#hold(session, address);
    return true;
  }

  #hold(session: Session, address: string): void {
    const { log, onSession, onReady } = this.#options;
    const { socket } = session;
    if (!socket.connected) {
      this.#released(session);
      return;
    }
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
    // It was about to be made when the others were told.
    if (this.#draining) socket.emit("link:leave");
    if (moved !== null) {
      session.takeOver(moved);
      refuse(moved.socket, new AppError("conflict", "This host has moved to another link."), true);
    }
    log("info", moved === null ? "host linked" : "host moved its link", { host: session.hostId, epoch: session.linkEpoch, address });
  }

  /** Before anything is asked of anyone: whoever is sent away here costs next to nothing. */
  #busy(standby: boolean): { error: AppError; retryAfterMs: number } | null {
    if (this.#draining) return { error: drainingError(), retryAfterMs: DRAINING_RETRY_MS };
    const { maxLinks } = this.#options;
    if (this.registry.size + this.standbys.size < maxLinks) return null;
    const place = standby ? null : this.standbys.releaseOldest();
    if (place !== null) {
      // Its host has a link elsewhere; this one may have none.
      refuse(place, new AppError("rate_limited", "A link needs this standby's place."), true, busyRetryMs());
      return null;
    }
    return {
      error: new AppError("rate_limited", `This relay holds ${maxLinks} links already, as many as it may.`),
      retryAfterMs: busyRetryMs(),
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

const drainingError = () => new AppError("rate_limited", "This relay is about to end and takes no more links.");

/** Spread, because all of them are told the same. */
const busyRetryMs = () => Math.round(BUSY_RETRY_MS * (0.5 + Math.random()));

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
