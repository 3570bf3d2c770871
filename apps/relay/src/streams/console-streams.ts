import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { ConsoleEndCode, ConsoleMode, ConsoleTicket } from "@indium/contract/console";
import type { SignedEnvelope } from "@indium/contract/envelope";
import { type AppError, toAppError, WireError } from "@indium/contract/errors";
import { type HostId, type InstanceId, type ShareId, StreamId } from "@indium/contract/ids";
import { CONSOLE_CLOSE } from "@indium/contract/plain/console-close";
import { newId } from "@indium/contract/plain/ids";
import { SHARE_WORDS } from "@indium/contract/plain/share-words";
import { RELAY_PATHS, STREAM_UPGRADE } from "@indium/contract/protocol";
import { grantLease } from "@indium/tunnel/join/lease";
import { JOIN_HEADER, type JoinOffer, joinAnswer, readOffer } from "@indium/tunnel/join/wire";
import { NonceCache } from "@indium/tunnel/nonce-cache";
import { splice } from "@indium/tunnel/splice";
import type { Log } from "../log";
import type { Refusals } from "../refusals";
import type { SessionRegistry } from "../sessions/session";
import type { ConsoleAudit } from "./console-audit";
import { prepareSocket } from "./prepare-socket";
import { refuseHttp, refuseWebsocket } from "./refuse-websocket";
import { TicketRefused, takeTicket } from "./ticket-rules";
import { isWebsocketUpgrade, rebuildUpgrade } from "./upgrade-request";

/*
 *  viewer: GET /relay/console?ticket=…      agent: GET /relay/stream/<id>, Upgrade: indium-stream
 *     │ ticket taken                            │
 *     ▼                                         ▼
 *   waiting ──stream:open──▶ agent ──dials──▶ joined: 101 to the agent, then the rebuilt upgrade, then bytes both ways
 *     │ no dial-back in time, agent refused,    │
 *     ▼ viewer gone                             ▼ either side closed, or ended by the centre
 *   gone (the viewer is told why)             gone (audited with its bytes)
 *
 * Both by the same front: the bytes pass there, and the dial-back's connection is its lease of the stream (tunnel/join/lease).
 *
 * Invariants: a stream id is matched once; a viewer's bytes are not read before it is joined; after the join the relay
 * never writes into the stream, because it does not know where a frame begins; every stream ends as `gone`.
 */

interface Stream {
  readonly id: StreamId;
  readonly ticket: ConsoleTicket;
  /** The ticket as signed. */
  readonly envelope: SignedEnvelope;
  readonly viewer: Socket;
  readonly upgrade: string;
  readonly head: Buffer;
  readonly offer: JoinOffer | null;
  joined: boolean;
  timer: NodeJS.Timeout | null;
  agent: Socket | null;
}

/** Streams that fit all of what is given. */
export interface StreamFilter {
  readonly instanceId?: InstanceId | undefined;
  readonly userId?: string | undefined;
  readonly shareId?: ShareId | undefined;
  readonly mode?: ConsoleMode | undefined;
}

export interface ConsoleStreamsOptions {
  readonly relayName: string;
  readonly startedAt: number;
  readonly centrePublicKey: () => string | null;
  readonly sessions: SessionRegistry;
  /** Whether this address is a front's. */
  readonly trusts: (address: string | undefined) => boolean;
  readonly audit: ConsoleAudit;
  readonly refusals: Pick<Refusals, "count">;
  readonly log: Log;
  readonly now?: () => number;
  readonly dialBackTimeoutMs?: number;
}

const WELCOME = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${STREAM_UPGRADE}\r\n\r\n`;
const DIAL_BACK_TIMEOUT_MS = 15_000;
const MAX_STREAMS_PER_HOST = 64;
/** Within this a host's websocket end closes with the reason; then the bytes are cut. */
const END_GRACE_MS = 2_000;
/** setTimeout fires at once beyond it. */
const LONGEST_TIMER_MS = 2_147_483_647;
/** As long as a ticket given out before may still be good, clocks' difference and all. */
const REMEMBER_ENDED_MS = 60_000;

export class ConsoleStreams {
  readonly #streams = new Map<StreamId, Stream>();
  readonly #used = new NonceCache();
  /** What was ended, and when: tickets of before open nothing any more. */
  #ended: { readonly filter: StreamFilter; readonly at: number }[] = [];
  readonly #options: ConsoleStreamsOptions;
  readonly #now: () => number;

  constructor(options: ConsoleStreamsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get size(): number {
    return this.#streams.size;
  }

  get joined(): number {
    return [...this.#streams.values()].filter(({ joined }) => joined).length;
  }

  /** A browser's upgrade of `/relay/console?ticket=…`. */
  acceptViewer(request: IncomingMessage, socket: Socket, head: Buffer): void {
    prepareSocket(socket);
    if (!isWebsocketUpgrade(request.headers)) {
      this.#options.refusals.count("upgrade");
      refuseHttp(socket, 400, "This address speaks websocket only.");
      return;
    }
    const { audit, relayName, startedAt, centrePublicKey, sessions } = this.#options;
    const query = new URLSearchParams((request.url ?? "").split("?")[1] ?? "");
    let taken: ReturnType<typeof takeTicket>;
    try {
      taken = takeTicket(query.get("ticket"), {
        relayName,
        startedAt,
        centrePublicKey: centrePublicKey(),
        now: this.#now(),
        used: this.#used,
      });
    } catch (thrown) {
      const error = toAppError(thrown, "The console ticket could not be read.");
      this.#options.refusals.count("ticket");
      if (thrown instanceof TicketRefused && thrown.ticket !== null) audit.add(thrown.ticket, "refused", error.message, 0);
      refuseWebsocket(socket, request.headers, CONSOLE_CLOSE.ticketRefused, error.message);
      return;
    }
    const { ticket, envelope } = taken;
    if (this.#ended.some(({ filter, at }) => ticket.issuedAt <= at && fits(ticket, filter))) {
      const words = "Your access changed since this console ticket was issued. Open the console again.";
      audit.add(envelope, "refused", words, 0);
      refuseWebsocket(socket, request.headers, CONSOLE_CLOSE.ticketRefused, words);
      return;
    }
    const session = sessions.get(ticket.hostId);
    const open = [...this.#streams.values()].filter((stream) => stream.ticket.hostId === ticket.hostId).length;
    if (session === undefined || open >= MAX_STREAMS_PER_HOST) {
      const words = session === undefined ? "The instance's host is not connected." : `${open} consoles are open on this host already.`;
      audit.add(envelope, "refused", words, 0);
      refuseWebsocket(socket, request.headers, CONSOLE_CLOSE.hostUnreachable, words);
      return;
    }
    const stream: Stream = {
      id: newId("stream"),
      ticket,
      envelope,
      viewer: socket,
      upgrade: rebuildUpgrade(request.headers),
      head,
      offer: this.#offerIn(request),
      joined: false,
      timer: null,
      agent: null,
    };
    this.#streams.set(stream.id, stream);
    const giveUp = (code: number, words: string) => {
      if (stream.agent !== null || !this.#forget(stream)) return;
      audit.add(envelope, "refused", words, 0);
      refuseWebsocket(socket, request.headers, code, words);
    };
    const timeoutMs = this.#options.dialBackTimeoutMs ?? DIAL_BACK_TIMEOUT_MS;
    stream.timer = setTimeout(() => giveUp(CONSOLE_CLOSE.hostUnreachable, "The host did not open the console in time."), timeoutMs);
    socket.once("close", () => giveUp(CONSOLE_CLOSE.hostUnreachable, "The viewer left before the console was open."));
    session.socket
      .timeout(timeoutMs)
      .emitWithAck("stream:open", { streamId: stream.id, ticket: envelope })
      .then((answer: unknown) => {
        const refusal = refusalIn(answer);
        if (refusal !== null) giveUp(CONSOLE_CLOSE.ticketRefused, refusal.message);
      })
      .catch(() => giveUp(CONSOLE_CLOSE.hostUnreachable, "The host did not open the console in time."));
  }

  /** An agent's dial-back to `/relay/stream/<id>`. The id is its own proof: random, known to that agent only, good once and for seconds. */
  acceptAgent(request: IncomingMessage, socket: Socket, head: Buffer): void {
    prepareSocket(socket);
    const [path = ""] = (request.url ?? "").split("?");
    const id = StreamId.safeParse(path.slice(RELAY_PATHS.stream.length + 1));
    const stream = id.success ? this.#streams.get(id.data) : undefined;
    if (stream === undefined || stream.agent !== null || request.headers.upgrade !== STREAM_UPGRADE) {
      this.#options.refusals.count("stream");
      refuseHttp(socket, 404, "No viewer waits for this stream.");
      return;
    }
    if (stream.timer !== null) clearTimeout(stream.timer);
    stream.timer = endTimer(stream.ticket, this.#now(), () => this.#end(stream, SHARE_WORDS.linkOver, CONSOLE_CLOSE.shareEnded));
    stream.agent = socket;
    const { viewer } = stream;
    this.#options.audit.add(stream.envelope, "opened", null, 0);
    const done = (bytesOut: number) => {
      if (this.#forget(stream)) this.#options.audit.add(stream.envelope, "closed", null, bytesOut);
    };
    const welcome = Buffer.from(`${WELCOME}${stream.upgrade}`, "latin1");
    if (this.#isJoinable(stream, this.#offerIn(request), socket, head)) {
      stream.joined = true;
      socket.write(joinAnswer(stream.offer.connection, welcome));
      // The front lets go of it: nothing is to come.
      viewer.once("end", () => viewer.destroy()).resume();
      grantLease(socket, ({ toViewer }) => {
        viewer.destroy();
        done(toViewer);
      });
      return;
    }
    socket.write(welcome);
    if (stream.head.length > 0) socket.write(stream.head);
    // unshift, not write: these bytes then pass through the same pipe, in order and counted.
    if (head.length > 0) socket.unshift(head);
    splice(socket, viewer, () => done(viewer.bytesWritten));
  }

  /** What a front says of one of its connections; anyone else's word is none. */
  #offerIn({ headers, socket }: IncomingMessage): JoinOffer | null {
    return this.#options.trusts(socket.remoteAddress) ? readOffer(headers[JOIN_HEADER.toLowerCase()]) : null;
  }

  /** Both ends came by one front process, which has sent nothing of either but its request: so it may go on from there itself. */
  #isJoinable(stream: Stream, host: JoinOffer | null, socket: Socket, head: Buffer): stream is Stream & { offer: JoinOffer } {
    const { offer, viewer } = stream;
    if (offer === null || host === null || offer.front !== host.front) return false;
    return head.length + stream.head.length + socket.readableLength + viewer.readableLength === 0 && !viewer.destroyed;
  }

  /**
   * Ends the open streams of an instance, a user or a link; none when none is given. Returns how many. Tickets that are not used yet end with
   * them: whoever lost their access must not come back with what they were given a moment before.
   */
  end(what: StreamFilter & { readonly reason: string; readonly code?: ConsoleEndCode | undefined }): number {
    const { reason, code = CONSOLE_CLOSE.endedByAdministrator, ...filter } = what;
    if (filter.instanceId === undefined && filter.userId === undefined && filter.shareId === undefined) return 0;
    const now = this.#now();
    this.#ended = this.#ended.filter(({ at }) => at >= now - REMEMBER_ENDED_MS);
    this.#ended.push({ filter, at: now });
    const matching = [...this.#streams.values()].filter(({ ticket }) => fits(ticket, filter));
    for (const stream of matching) this.#end(stream, reason, code);
    return matching.length;
  }

  #end(stream: Stream, reason: string, code: ConsoleEndCode): void {
    this.#options.sessions.get(stream.ticket.hostId)?.socket.emit("stream:close", { streamId: stream.id, reason, code });
    setTimeout(() => this.#cut(stream), END_GRACE_MS);
  }

  /** A revoked host's streams, at once. */
  endHost(hostId: HostId): void {
    for (const stream of this.#streams.values()) if (stream.ticket.hostId === hostId) this.#cut(stream);
  }

  close(): void {
    for (const stream of this.#streams.values()) this.#cut(stream);
  }

  #cut(stream: Stream): void {
    stream.viewer.destroy();
    stream.agent?.destroy();
  }

  #forget(stream: Stream): boolean {
    if (stream.timer !== null) clearTimeout(stream.timer);
    return this.#streams.delete(stream.id);
  }
}

function fits(ticket: ConsoleTicket, { instanceId, userId, shareId, mode }: StreamFilter): boolean {
  return (
    (instanceId === undefined || ticket.instanceId === instanceId) &&
    (userId === undefined || ticket.userId === userId) &&
    (shareId === undefined || ticket.shareId === shareId) &&
    (mode === undefined || ticket.mode === mode)
  );
}

function endTimer(ticket: ConsoleTicket, now: number, end: () => void): NodeJS.Timeout | null {
  if (ticket.endsAt === undefined) return null;
  return setTimeout(end, Math.min(LONGEST_TIMER_MS, Math.max(0, ticket.endsAt - now)));
}

function refusalIn(answer: unknown): WireError | AppError | null {
  if (typeof answer !== "object" || answer === null || !("ok" in answer) || answer.ok !== false) return null;
  const error = WireError.safeParse("error" in answer ? answer.error : null);
  return error.success ? error.data : { code: "forbidden", message: "The host refused the console." };
}
