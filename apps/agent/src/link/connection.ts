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
import { tlsOptions } from "./tls-pin";

/*
 *  dialling ──challenge──▶ proving ──link:ready──▶ ready ──lost, refused, closed──▶ ended
 *      │ no connection        │ link:refused                                         ▲
 *      └──────────────────────┴─────────────────────────────────────────────────────┘
 *
 * Invariants: nothing is served and nothing is sent before `ready`; a ready that the centre did not sign for this host and this connection is
 * refused. Dead links are found by reading: the relay pings every 5 s and silence of 15 s ends it.
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

export type Ending = { readonly reason: string; readonly refusal: LinkRefused | null; readonly heldMs: number };

const READY_TIMEOUT_MS = 30_000;
const BUSY_RETRY_MS = 10_000;

/** One connection to a relay, from its first byte to its last. */
export class Connection<R extends AnyTRPCRouter> {
  readonly target: RelayTarget;
  /** Null when it ended before. */
  readonly ready: Promise<SigningLink | null>;
  readonly ended: Promise<Ending>;
  readonly #options: ConnectionOptions<R>;
  #end: (reason: string) => void = () => {};

  /** `moving`: to take the place of one that still holds. */
  constructor(target: RelayTarget, moving: boolean, options: ConnectionOptions<R>) {
    this.target = target;
    this.#options = options;
    let isReady: (link: SigningLink | null) => void = () => {};
    this.ready = new Promise((resolve) => {
      isReady = resolve;
    });
    this.ended = this.#dial(moving, isReady);
    void this.ended.then(() => isReady(null));
  }

  close(reason: string): void {
    this.#end(reason);
  }

  #dial(moving: boolean, isReady: (link: SigningLink) => void): Promise<Ending> {
    const { url: relayUrl, name: wanted } = this.target;
    const { identity, membership, agentVersion, router, createContext, memory, book, onPing, onInternalError, now } = this.#options;
    const handshake = new AgentHandshake({ keys: identity.signing, centrePublicKey: membership.centrePublicKey, agentVersion });
    const socket: AgentSocket = io(relayUrl, {
      path: RELAY_PATHS.link,
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
      parser: boundedParser,
      timeout: this.#options.dialTimeoutMs,
      query: wanted === null ? {} : { [RELAY_QUERY]: wanted },
      auth: moving ? { ...handshake.hello, moving } : handshake.hello,
      // engine.io's types want the browser's word for it; in Node the agent is handed on to the websocket's request.
      ...((relayUrl.startsWith("https:") ? tlsOptions(membership.tlsPin) : {}) as object),
    });
    return new Promise<Ending>((resolve) => {
      let relayName = "";
      let readyAt = 0;
      let stopServing = () => {};
      const late = setTimeout(() => end("the relay did not let this host in within 30 s"), READY_TIMEOUT_MS);
      const end = (reason: string, refusal: LinkRefused | null = null) => {
        clearTimeout(late);
        stopServing();
        socket.removeAllListeners();
        socket.io.removeAllListeners("ping");
        socket.disconnect();
        resolve({ reason, refusal, heldMs: readyAt === 0 ? 0 : Math.max(1, now() - readyAt) });
      };
      this.#end = end;
      socket.on("connect_error", (error) => {
        const words = `no connection to ${relayUrl}: ${wordsOf(error)}`;
        end(words, isBusy(error) ? busyRefusal(words) : null);
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
      });
      socket.on("link:challenge", (raw, answer) => {
        try {
          const { proof, relayName: name } = handshake.answer(raw, now());
          relayName = name;
          answer(proof);
        } catch (thrown) {
          end(toAppError(thrown, "the relay's challenge could not be answered").message);
        }
      });
      socket.on("link:ready", (raw) => {
        let claim: LinkClaim;
        try {
          claim = handshake.ready(raw, relayName);
          if (claim.hostId !== membership.hostId) throw new AppError("forbidden", "the centre takes this host for another");
        } catch (thrown) {
          return end(toAppError(thrown, "the relay's word that the link is up could not be read").message);
        }
        clearTimeout(late);
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

/** Its Retry-After cannot be read through engine.io: relays and our front say ten seconds. Spread, because all are told the same. */
function busyRefusal(message: string): LinkRefused {
  return { error: { code: "rate_limited", message }, retry: true, retryAfterMs: Math.round(BUSY_RETRY_MS * (0.5 + Math.random())) };
}
