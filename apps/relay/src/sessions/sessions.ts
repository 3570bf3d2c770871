import { AppError, toAppError } from "@indium/contract/errors";
import type { HostId } from "@indium/contract/ids";
import type { Log } from "../log";
import { remoteAddressOf } from "../remote-address";
import { authenticate, type HandshakeDependencies, mayRetry } from "./handshake";
import { HandshakeLimiter } from "./handshake-limiter";
import { type LinkServer, type LinkSocket, type Session, SessionRegistry } from "./session";

export interface SessionsOptions extends HandshakeDependencies {
  readonly log: Log;
  /** Once authenticated, before the agent is told that it is: attach listeners here. */
  readonly onSession: (session: Session) => void;
}

/** Links from their first byte to their last: authenticates them, keeps one per host, tells the centre when one goes. */
export class Sessions {
  readonly registry = new SessionRegistry();
  readonly #limiter = new HandshakeLimiter();
  readonly #options: SessionsOptions;
  #closing = false;

  constructor(server: LinkServer, options: SessionsOptions) {
    this.#options = options;
    server.on("connection", (socket) => void this.#accept(socket));
  }

  /** Ends a host's link now. `retry: false` for a revoked one. */
  drop(hostId: HostId, error: AppError, retry: boolean): void {
    const session = this.registry.get(hostId);
    if (session !== undefined) refuse(session.socket, error, retry);
  }

  /** The leases then run out by themselves: a relay that is back at once has lost no host. */
  stop(): void {
    this.#closing = true;
  }

  async #accept(socket: LinkSocket): Promise<void> {
    const { log, onSession } = this.#options;
    const address = remoteAddressOf(socket.handshake.headers["x-forwarded-for"], socket.handshake.address);
    const leave = this.#limiter.enter(address);
    if (leave === null) return refuse(socket, new AppError("rate_limited", "Too many hosts are connecting at once."), true);
    let session: Session;
    try {
      session = await authenticate(socket, address, this.#options);
    } catch (thrown) {
      const error = toAppError(thrown, "The relay failed at this; its log says why.");
      log("warning", `link refused: ${error.message}`, { code: error.code, address });
      return refuse(socket, error, mayRetry(error));
    } finally {
      leave();
    }
    if (!socket.connected) return this.#released(session);
    const loser = this.registry.claim(session);
    if (loser !== null) {
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
    log("info", "host linked", { host: session.hostId, epoch: session.linkEpoch, address });
  }

  /** A hint that makes the page quick; when it is lost, the lease running out says the same. */
  #released(session: Session): void {
    this.#options.centre.call("disconnectHost", { hostId: session.hostId, linkEpoch: session.linkEpoch }).catch(() => {});
  }
}

function refuse(socket: LinkSocket, error: AppError, retry: boolean): void {
  socket.emit("link:refused", { error: error.toWire(), retry });
  socket.disconnect(true);
}
