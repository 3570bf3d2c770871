import { AppError, toAppError } from "@indium/contract/errors";
import { type AgentToRelayEvents, type LinkClaim, LinkRefused, type RelayToAgentEvents } from "@indium/contract/link";
import { RELAY_PATHS, RELAY_QUERY } from "@indium/contract/protocol";
import { boundedParser } from "@indium/tunnel/bounded-parser";
import type { CallMemory } from "@indium/tunnel/call-memory";
import { type ServingSocket, serveRouter } from "@indium/tunnel/rpc-serve";
import type { AnyTRPCRouter, inferRouterContext } from "@trpc/server";
import { io, type Socket } from "socket.io-client";
import { AgentHandshake } from "./handshake";
import { HostSigner } from "./host-signer";
import type { Identity, Membership } from "./identity";
import type { RelayBook } from "./relay-book";
import type { RelayTarget } from "./relay-choice";
import { retryAfterMs, websocketThatHears } from "./retry-after";
import { tlsOptions } from "./tls-pin";

/*
 *                          ┌─────promote──── standing (a standby) ──lost, told to leave──┐
 *                          ▼                   ▲ link:standby                            │
 *  dialling ──challenge──▶ proving ────────────┴──link:ready──▶ ready ──lost, refused, closed──▶ ended
 *      │ no connection        │ link:refused                                             ▲
 *      └──────────────────────┴─────────────────────────────────────────────────────────┘
 *
 * Invariants: nothing is served and nothing but a question for a sign of life is sent before `ready`; a ready that the centre did not sign for this
 * host and this handshake is refused. Dead links are found by reading: the relay pings every 5 s and silence of 15 s ends it.
 */

export type AgentSocket = Socket<RelayToAgentEvents, AgentToRelayEvents>;

export interface ReadyLink {
  readonly socket: AgentSocket;
  readonly relayUrl: string;
  readonly relayName: string;
  readonly linkEpoch: number;
  /** Where the same relay is reached past an overlay, as it is known now, and by which name there: null before the centre has listed it. */
  readonly ways: () => { readonly urls: readonly string[]; readonly name: string | null };
}
export type SigningLink = ReadyLink & { readonly signer: HostSigner };

export interface ConnectionOptions<R extends AnyTRPCRouter> {
  readonly identity: Identity;
  readonly membership: Membership;
  readonly agentVersion: string;
  readonly router: R;
  readonly createContext: (signal: AbortSignal) => inferRouterContext<R>;
  readonly memory: CallMemory;
  readonly book: RelayBook;
  /** Until the websocket is there. */
  readonly dialTimeoutMs: number;
  /** The centre's list has changed. */
  readonly onRelays: () => void;
  /** This relay is about to end. */
  readonly onLeave: () => void;
  readonly onPing?: (() => void) | undefined;
  readonly onInternalError?: ((path: string, error: Error) => void) | undefined;
  readonly now: () => number;
}

/** `heldMs`: as a link, or as a standby that never was one. */
export type Ending = { readonly reason: string; readonly refusal: LinkRefused | null; readonly heldMs: number };

/** `moving`: to take the place of one that still holds. `standby`: on another relay than `notAt`, and no link until it is promoted. */
export type ConnectionUse = { readonly kind: "link" } | { readonly kind: "moving" } | { readonly kind: "standby"; readonly notAt: string };

const READY_TIMEOUT_MS = 30_000;
/** A standby's promotion waits its turn at a busy relay, as long as that one gives a sign of life. */
const PROMOTE_SILENCE_MS = 4_000;
const PROMOTE_ASK_MS = 1_000;
const ECHO_TIMEOUT_MS = 5_000;
const LEFT_RETRY_MS = 10_000;
/** Of a 503 that says no time itself. */
const BUSY_RETRY_MS = 10_000;

/** One connection to a relay, from its first byte to its last. */
export class Connection<R extends AnyTRPCRouter> {
  readonly target: RelayTarget;
  /** Null when it ended before. */
  readonly ready: Promise<SigningLink | null>;
  /** The relay's name once it stands by there; null when it ended before, and of what is no standby. */
  readonly standing: Promise<string | null>;
  readonly ended: Promise<Ending>;
  readonly #options: ConnectionOptions<R>;
  #heardAt: number;
  #end: (reason: string) => void = () => {};
  #ask: () => void = () => {};
  #promote: () => void = () => {};

  constructor(target: RelayTarget, use: ConnectionUse, options: ConnectionOptions<R>) {
    this.target = target;
    this.#options = options;
    this.#heardAt = options.now();
    let isReady: (link: SigningLink | null) => void = () => {};
    this.ready = new Promise((resolve) => {
      isReady = resolve;
    });
    let stands: (at: string | null) => void = () => {};
    this.standing = new Promise((resolve) => {
      stands = resolve;
    });
    this.ended = this.#dial(use, isReady, stands);
    void this.ended.then(() => {
      isReady(null);
      stands(null);
    });
  }

  /** When anything came from the relay last, by `now`. */
  get heardAt(): number {
    return this.#heardAt;
  }

  close(reason: string): void {
    this.#end(reason);
  }

  closeAfter(ms: number, reason: string): void {
    const grace = setTimeout(() => this.close(reason), ms);
    void this.ended.then(() => clearTimeout(grace));
  }

  /** As `ready`; it ends when it is not ready in time. */
  async readyWithin(ms: number): Promise<SigningLink | null> {
    const late = setTimeout(() => this.close(`no link by ${this.target.url} within ${ms / 1_000} s`), ms);
    const ready = await this.ready;
    clearTimeout(late);
    return ready;
  }

  /** For a sign of life. */
  ask(): void {
    this.#ask();
  }

  /** Of a standby, once: it shall be the host's link. `ready` says when it is. */
  promote(): void {
    this.#promote();
  }

  #dial(use: ConnectionUse, isReady: (link: SigningLink) => void, stands: (at: string) => void): Promise<Ending> {
    const { url: relayUrl, name: wanted } = this.target;
    const { identity, membership, agentVersion, router, createContext, memory, book, onPing, onInternalError, now } = this.#options;
    const keys = { keys: identity.signing, centrePublicKey: membership.centrePublicKey, agentVersion };
    let handshake = new AgentHandshake({ ...keys, standby: use.kind === "standby" });
    let retryAfter: string | undefined;
    const socket: AgentSocket = io(relayUrl, {
      path: RELAY_PATHS.link,
      transports: [websocketThatHears((value) => (retryAfter = value))],
      forceNew: true,
      reconnection: false,
      parser: boundedParser,
      timeout: this.#options.dialTimeoutMs,
      query: wanted === null ? {} : { [RELAY_QUERY]: wanted },
      auth: use.kind === "moving" ? { ...handshake.hello, moving: true } : handshake.hello,
      // engine.io's types want the browser's word for it; in Node the agent is handed on to the websocket's request.
      ...((relayUrl.startsWith("https:") ? tlsOptions(membership.tlsPin) : {}) as object),
    });
    return new Promise<Ending>((resolve) => {
      let relayName = "";
      let standingAt = 0;
      let readyAt = 0;
      let stopServing = () => {};
      const lateAfter = () => setTimeout(() => end("the relay did not let this host in within 30 s"), READY_TIMEOUT_MS);
      let late = lateAfter();
      let listening: NodeJS.Timeout | undefined;
      const admitted = () => {
        clearTimeout(late);
        clearInterval(listening);
      };
      const end = (reason: string, refusal: LinkRefused | null = null) => {
        admitted();
        stopServing();
        socket.removeAllListeners();
        socket.io.removeAllListeners("ping");
        socket.io.engine.off("packet", heard);
        this.#ask = () => {};
        this.#promote = () => {};
        socket.disconnect();
        const since = readyAt === 0 ? standingAt : readyAt;
        resolve({ reason, refusal, heldMs: since === 0 ? 0 : Math.max(1, now() - since) });
      };
      const heard = () => {
        this.#heardAt = now();
      };
      socket.io.engine.on("packet", heard);
      this.#end = end;
      this.#ask = () => {
        if (socket.connected) socket.timeout(ECHO_TIMEOUT_MS).emit("link:echo", () => {});
      };
      this.#promote = () => {
        if (standingAt === 0) return;
        handshake = new AgentHandshake(keys);
        this.#promote = () => {};
        heard();
        late = lateAfter();
        listening = setInterval(() => {
          if (now() - this.#heardAt > PROMOTE_SILENCE_MS) end("the relay of the standby is silent");
          else this.#ask();
        }, PROMOTE_ASK_MS);
        socket.emit("link:promote", { agentNonce: handshake.hello.agentNonce });
      };
      socket.on("connect_error", (error) => {
        const words = `no connection to ${relayUrl}: ${wordsOf(error)}`;
        end(words, isBusy(error) ? busyRefusal(words, retryAfterMs(retryAfter, Date.now()) ?? BUSY_RETRY_MS) : null);
      });
      socket.io.on("ping", () => onPing?.());
      socket.on("disconnect", (reason) => end(`the link was lost (${reason})`));
      socket.on("link:refused", (raw) => {
        const refused = LinkRefused.safeParse(raw);
        if (refused.success) end(refused.data.error.message, refused.data);
        else end("the relay refused this host");
      });
      socket.on("link:relays", (raw) => {
        try {
          if (readyAt > 0 && book.learn(raw)) this.#options.onRelays();
        } catch (thrown) {
          onInternalError?.("link:relays", thrown instanceof Error ? thrown : new Error(String(thrown)));
        }
      });
      socket.on("link:leave", () => {
        if (readyAt > 0) this.#options.onLeave();
        else if (standingAt > 0) end("the relay is about to end", refusalOf("rate_limited", "the relay is about to end", LEFT_RETRY_MS));
      });
      socket.on("link:challenge", (raw, answer) => {
        try {
          const { proof, relayName: name } = handshake.answer(raw, now());
          if (use.kind === "standby" && name === use.notAt)
            throw new AppError("unsupported", "the relay of the host's link answered there");
          if (standingAt > 0 && name !== relayName) throw new AppError("forbidden", "the relay has become another");
          relayName = name;
          answer(proof);
        } catch (thrown) {
          const error = toAppError(thrown, "the relay's challenge could not be answered");
          end(error.message, error.code === "unsupported" ? { error: error.toWire(), retry: false } : null);
        }
      });
      socket.on("link:standby", () => {
        if (use.kind !== "standby" || relayName === "" || standingAt > 0) return;
        admitted();
        standingAt = now();
        stands(relayName);
      });
      socket.on("link:ready", (raw) => {
        if (handshake.hello.standby === true) return end("the relay takes a standby for the link");
        let claim: LinkClaim;
        try {
          claim = handshake.ready(raw, relayName);
          if (claim.hostId !== membership.hostId) throw new AppError("forbidden", "the centre takes this host for another");
        } catch (thrown) {
          return end(toAppError(thrown, "the relay's word that the link is up could not be read").message);
        }
        admitted();
        readyAt = now();
        stopServing = serveRouter(
          // socket.io types events by name; the tunnel names none.
          socket as unknown as ServingSocket,
          router,
          createContext,
          (path, error) => onInternalError?.(path, error),
          memory,
        );
        const signer = new HostSigner({ keys: identity.signing, centrePublicKey: membership.centrePublicKey, claim });
        const ways = () => ({ urls: book.urlsOf(relayName), name: book.knows(relayName) ? relayName : null });
        isReady({ socket, relayUrl, relayName, linkEpoch: claim.linkEpoch, ways, signer });
      });
    });
  }
}

/** engine.io says "websocket error" and keeps the reason one level down. */
function wordsOf(error: Error): string {
  const description = "description" in error ? error.description : undefined;
  const nested = typeof description === "object" && description !== null && "message" in description ? String(description.message) : "";
  return nested === "" ? error.message : nested;
}

/** The relay, or what stands before it, has no room: ws says of a refused upgrade its status alone. */
const isBusy = (error: Error): boolean => / 503$/.test(wordsOf(error));

/** Not before it said, and spread, because all are told the same. */
const busyRefusal = (message: string, afterMs: number): LinkRefused =>
  refusalOf("rate_limited", message, Math.round(afterMs * (1 + Math.random() / 2)));

const refusalOf = (code: "rate_limited", message: string, retryAfterMs: number): LinkRefused => ({
  error: { code, message },
  retry: true,
  retryAfterMs,
});
