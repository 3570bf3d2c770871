import { AppError, toAppError, WireError } from "@indium/contract/errors";
import type { HostUsage } from "@indium/contract/host";
import { type AgentToRelayEvents, type LinkClaim, LinkRefused, type RelayToAgentEvents } from "@indium/contract/link";
import type { MetricSample } from "@indium/contract/metrics";
import { RELAY_PATHS } from "@indium/contract/protocol";
import type { ReportAck, ReportBatch } from "@indium/contract/report";
import { pause } from "@indium/tunnel/backoff";
import { type ServingSocket, serveRouter } from "@indium/tunnel/rpc-serve";
import type { AnyTRPCRouter, inferRouterContext } from "@trpc/server";
import { io, type Socket } from "socket.io-client";
import { AgentHandshake } from "./handshake";
import { HostSigner } from "./host-signer";
import type { Identity, Membership } from "./identity";
import { RedialRules } from "./redial-rules";
import { tlsOptions } from "./tls-pin";

/*
 *            ┌──────────────────────────── waits (RedialRules) ◀──────────────┐
 *            ▼                                                                │
 *  stopped ─▶ dialling ──challenge──▶ proving ──link:ready──▶ ready ──lost───▶│
 *                │ no connection         │ link:refused         │ refused ───▶│
 *                └───────────────────────┴─────────────────────────────────── ┘
 *
 * Invariants: one socket at a time, made anew for each try; nothing is served and nothing is sent before `ready`; a ready that the centre
 * did not sign for this host and this connection is refused. Dead links are found by reading: the relay pings every 5 s and silence of 15 s ends it.
 */

export type LinkState =
  | { readonly kind: "dialling"; readonly relayUrl: string }
  | { readonly kind: "ready"; readonly relayUrl: string; readonly relayName: string; readonly linkEpoch: number }
  | { readonly kind: "waiting"; readonly reason: string; readonly refusal: WireError | null; readonly retryInMs: number }
  | { readonly kind: "stopped" };

export type AgentSocket = Socket<RelayToAgentEvents, AgentToRelayEvents>;
export interface ReadyLink {
  readonly socket: AgentSocket;
  readonly relayUrl: string;
  readonly relayName: string;
}

export interface LinkOptions<R extends AnyTRPCRouter> {
  readonly identity: Identity;
  readonly membership: Membership;
  readonly agentVersion: string;
  readonly router: R;
  readonly createContext: (signal: AbortSignal) => inferRouterContext<R>;
  /** Attach what lives on the link (streams) each time it becomes ready. */
  readonly onReady?: (link: ReadyLink) => void;
  readonly onState?: (state: LinkState) => void;
  /** The relay's ping arrived, and our answer goes out with it. */
  readonly onPing?: () => void;
  readonly onInternalError?: (path: string, error: Error) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

const READY_TIMEOUT_MS = 30_000;
const REPORT_TIMEOUT_MS = 60_000;
const USAGE_TIMEOUT_MS = 15_000;

type Ending = { readonly reason: string; readonly refusal: LinkRefused | null; readonly heldMs: number };

/** The control link of this host, kept up until stopped. */
export class Link<R extends AnyTRPCRouter> {
  readonly #options: LinkOptions<R>;
  readonly #rules: RedialRules;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  #ready: (ReadyLink & { readonly signer: HostSigner }) | null = null;
  #state: LinkState = { kind: "stopped" };
  #running: Promise<void> | null = null;

  constructor(options: LinkOptions<R>) {
    this.#options = options;
    this.#rules = new RedialRules(options.random);
    this.#now = options.now ?? Date.now;
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /**
   * Resolves once the centre has committed the batch, by its own signature. One at a time.
   * @throws AppError `host_unreachable` without a link, `host_timeout` when no ack came (send it again), `signature_invalid` or `forbidden`
   *   for an ack that is not the centre's for this batch (nothing is forgotten), or the centre's refusal.
   */
  async sendBatch(batch: ReportBatch): Promise<ReportAck> {
    const ready = this.#ready;
    if (ready === null) throw new AppError("host_unreachable", "This host is not linked to its relay; reports wait.");
    let answer: unknown;
    try {
      answer = await ready.socket.timeout(REPORT_TIMEOUT_MS).emitWithAck("report", ready.signer.reports(batch));
    } catch (cause) {
      throw new AppError("host_timeout", "The relay did not acknowledge the reports; they will be sent again.", { cause });
    }
    const result = typeof answer === "object" && answer !== null ? (answer as { ok?: unknown; ack?: unknown; error?: unknown }) : {};
    if (result.ok === true) return ready.signer.openAck(result.ack, batch.ledgerId);
    const refusal = WireError.safeParse(result.error);
    throw refusal.success ? AppError.fromWire(refusal.data) : new AppError("internal", "The relay's answer to the reports is malformed.");
  }

  /** Volatile: dropped without a link. `taken` is called when the relay says that the centre took it; a lie costs samples, which a relay could drop as well. */
  sendUsage(usage: HostUsage, metrics: readonly MetricSample[] = [], taken: () => void = () => {}): void {
    if (this.#ready === null) return;
    const { socket, signer } = this.#ready;
    socket.timeout(USAGE_TIMEOUT_MS).volatile.emit("usage", signer.usage(usage, metrics), (late) => {
      if (late === null) taken();
    });
  }

  async #run(): Promise<void> {
    const { relayUrls } = this.#options.membership;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      const relayUrl = relayUrls[attempt % relayUrls.length] ?? "";
      this.#setState({ kind: "dialling", relayUrl });
      const ending = await this.#dial(relayUrl);
      // A relay that held us is the first to be tried again.
      if (ending.heldMs > 0) attempt -= 1;
      if (this.#stop.signal.aborted) break;
      const retryInMs = ending.refusal === null ? this.#rules.afterLoss(ending.heldMs) : this.#rules.afterRefusal(ending.refusal.retry);
      this.#setState({ kind: "waiting", reason: ending.reason, refusal: ending.refusal?.error ?? null, retryInMs });
      await pause(retryInMs, this.#stop.signal);
    }
    this.#setState({ kind: "stopped" });
  }

  #setState(state: LinkState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }

  /** One connection from its first byte to its last. */
  #dial(relayUrl: string): Promise<Ending> {
    const { identity, membership, agentVersion, router, createContext, onReady, onPing, onInternalError } = this.#options;
    const handshake = new AgentHandshake({ keys: identity.signing, centrePublicKey: membership.centrePublicKey, agentVersion });
    const socket: AgentSocket = io(relayUrl, {
      path: RELAY_PATHS.link,
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
      timeout: 15_000,
      auth: handshake.hello,
      // engine.io's types want the browser's word for it; in Node the agent is handed on to the websocket's request.
      ...(tlsOptions(membership.tlsPin) as object),
    });
    return new Promise<Ending>((resolve) => {
      let relayName = "";
      let readyAt = 0;
      let stopServing = () => {};
      const late = setTimeout(() => end("the relay did not let this host in within 30 s"), READY_TIMEOUT_MS);
      const end = (reason: string, refusal: LinkRefused | null = null) => {
        clearTimeout(late);
        this.#stop.signal.removeEventListener("abort", stopped);
        this.#ready = null;
        stopServing();
        socket.removeAllListeners();
        socket.io.removeAllListeners("ping");
        socket.disconnect();
        resolve({ reason, refusal, heldMs: readyAt === 0 ? 0 : Math.max(1, this.#now() - readyAt) });
      };
      const stopped = () => end("stopped");
      this.#stop.signal.addEventListener("abort", stopped, { once: true });
      socket.on("connect_error", (error) => end(`no connection to ${relayUrl}: ${wordsOf(error)}`));
      socket.io.on("ping", () => onPing?.());
      socket.on("disconnect", (reason) => end(`the link was lost (${reason})`));
      socket.on("link:refused", (raw) => {
        const refused = LinkRefused.safeParse(raw);
        if (refused.success) end(refused.data.error.message, refused.data);
        else end("the relay refused this host");
      });
      socket.on("link:challenge", (raw, answer) => {
        try {
          const { proof, relayName: name } = handshake.answer(raw, this.#now());
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
        } catch (thrown) {
          return end(toAppError(thrown, "the relay's word that the link is up could not be read").message);
        }
        if (claim.hostId !== membership.hostId) return end("the centre takes this host for another");
        clearTimeout(late);
        readyAt = this.#now();
        // socket.io types events by name; the tunnel names none.
        stopServing = serveRouter(socket as unknown as ServingSocket, router, createContext, (path, error) =>
          onInternalError?.(path, error),
        );
        const signer = new HostSigner({ keys: identity.signing, centrePublicKey: membership.centrePublicKey, claim });
        this.#ready = { socket, relayUrl, relayName, signer };
        onReady?.(this.#ready);
        this.#setState({ kind: "ready", relayUrl, relayName, linkEpoch: claim.linkEpoch });
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
