import { AppError, WireError } from "@indium/contract/errors";
import type { HostUsage } from "@indium/contract/host";
import type { MetricSample } from "@indium/contract/metrics";
import type { ReportAck, ReportBatch } from "@indium/contract/report";
import { pause } from "@indium/tunnel/backoff";
import { CallMemory } from "@indium/tunnel/call-memory";
import type { AnyTRPCRouter, inferRouterContext } from "@trpc/server";
import { Connection, type Ending, type ReadyLink, type SigningLink } from "./connection";
import type { Identity, Membership } from "./identity";
import { RedialRules } from "./redial-rules";
import { RelayBook } from "./relay-book";
import { RelayChoice, type RelayTarget } from "./relay-choice";

/*
 *            ┌────────── waits (RedialRules), the next relay (RelayChoice) ◀──┐
 *            ▼                                                                │
 *  stopped ─▶ dialling ──────────────────────────────────────────▶ ready ──lost, refused──▶
 *                                                                   │ ▲
 *                             move: a second link, by a better way, │ │ the first is the relay's to end, at the latest
 *                             leave: a second link, to another one  ▼ │ after MOVED_GRACE_MS, LEFT_GRACE_MS
 *                                                                  ready (of a higher epoch)
 *
 * Invariants: one connection counts at a time, and each is made anew; a move changes which one in one step, so that the host is never without
 * a link because of it; a move that fails changes nothing, and leaving is tried until the relay is gone. A connection's own states are in connection.ts.
 */

export type LinkState =
  | { readonly kind: "dialling"; readonly relayUrl: string }
  | { readonly kind: "ready"; readonly relayUrl: string; readonly relayName: string; readonly linkEpoch: number }
  | { readonly kind: "waiting"; readonly reason: string; readonly refusal: WireError | null; readonly retryInMs: number }
  | { readonly kind: "stopped" };

export interface LinkOptions<R extends AnyTRPCRouter> {
  readonly identity: Identity;
  readonly membership: Membership;
  /** Of this membership. Without one, what was given at enrolment. */
  readonly book?: RelayBook;
  readonly agentVersion: string;
  readonly router: R;
  readonly createContext: (signal: AbortSignal) => inferRouterContext<R>;
  /** Attach what lives on the link (streams) each time it becomes ready, or is moved. */
  readonly onReady?: (link: ReadyLink) => void;
  readonly onState?: (state: LinkState) => void;
  /** The relay's ping arrived, and our answer goes out with it. */
  readonly onPing?: () => void;
  readonly onInternalError?: (path: string, error: Error) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

const REPORT_TIMEOUT_MS = 60_000;
const USAGE_TIMEOUT_MS = 15_000;
const MOVE_TIMEOUT_MS = 10_000;
const MOVED_GRACE_MS = 5_000;
/** What was asked by the relay that was left is answered by it; the relay itself ends the link when nothing is asked there any more. */
const LEFT_GRACE_MS = 30_000;
/** A relay that was left is not gone back to at once. */
const LEFT_RETRY_MS = 10_000;
const DIAL_TIMEOUT_MS = 15_000;
/** With another one to be dialled instead. */
const HURRIED_DIAL_MS = 8_000;

/** The control link of this host, kept up until stopped. */
export class Link<R extends AnyTRPCRouter> {
  readonly #options: LinkOptions<R>;
  readonly #rules: RedialRules;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  readonly #memory = new CallMemory();
  readonly #book: RelayBook;
  readonly #choice: RelayChoice;
  #current: Connection<R> | null = null;
  #ready: SigningLink | null = null;
  #moving: Promise<string | null> | null = null;
  #state: LinkState = { kind: "stopped" };
  #running: Promise<void> | null = null;

  constructor(options: LinkOptions<R>) {
    this.#options = options;
    this.#rules = new RedialRules(options.random);
    this.#now = options.now ?? Date.now;
    this.#book = options.book ?? new RelayBook({ membership: options.membership });
    this.#choice = new RelayChoice(options.membership.relayUrls, this.#book.relays, options.random);
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

  /**
   * Links again by another way to the same relay, and lets the present link go once the new one is ready; calls under way go with it.
   * @returns null when it is done, else why not: the present link then stays as it is.
   */
  move(relayUrl: string): Promise<string | null> {
    return this.#change(() => this.#move(relayUrl));
  }

  /** One change of the link after another. */
  #change(change: () => Promise<string | null>): Promise<string | null> {
    const moving = (this.#moving ?? Promise.resolve(null)).then(change);
    this.#moving = moving;
    void moving.finally(() => {
      if (this.#moving === moving) this.#moving = null;
    });
    return moving;
  }

  async #move(relayUrl: string): Promise<string | null> {
    const from = this.#ready;
    const old = this.#current;
    if (from === null || old === null || this.#stop.signal.aborted) return "there is no link to be moved";
    if (old.target.url === relayUrl) return null;
    const next = this.#open({ name: from.ways().name, url: relayUrl }, true);
    const ready = await readySoon(next);
    if (ready === null) return (await next.ended).reason;
    if (ready.relayName !== from.relayName || this.#stop.signal.aborted) {
      next.close("another relay answered there");
      return "another relay answered there";
    }
    this.#count(next, ready);
    // The relay ends it when it has moved the calls; over a dead path its word does not come.
    closeAfter(old, MOVED_GRACE_MS, "moved");
    return null;
  }

  /** The relay is about to end: links to another, again and again until it is gone or there is none. */
  async #leave(old: Connection<R>): Promise<string | null> {
    const gone = new AbortController();
    void old.ended.then(() => gone.abort());
    for (;;) {
      const from = this.#ready;
      if (from === null || this.#current !== old || this.#stop.signal.aborted) return "the link has gone meanwhile";
      const next = this.#choice.next(this.#now(), from.relayName);
      if (next === null) return "there is no other relay";
      await pause(next.waitMs, gone.signal);
      const connection = this.#open(next.target, false);
      const ready = await readySoon(connection);
      if (ready !== null) {
        this.#count(connection, ready);
        this.#choice.failed(old.target, this.#now(), LEFT_RETRY_MS);
        closeAfter(old, LEFT_GRACE_MS, "left");
        return null;
      }
      const { refusal } = await connection.ended;
      this.#choice.failed(next.target, this.#now(), refusal?.retryAfterMs);
      await pause(this.#rules.afterRefusal(true), gone.signal);
    }
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const next = this.#choice.next(this.#now());
      // There is one: that of the enrolment.
      if (next === null) break;
      this.#setState({ kind: "dialling", relayUrl: next.target.url });
      const { ending, last } = await this.#hold(this.#open(next.target, false));
      if (this.#stop.signal.aborted) break;
      const { refusal, heldMs } = ending;
      this.#choice.failed(last.target, this.#now(), refusal?.retryAfterMs);
      const backoffMs = refusal === null ? this.#rules.afterLoss(heldMs) : this.#rules.afterRefusal(refusal.retry);
      const retryInMs = Math.max(backoffMs, this.#choice.next(this.#now())?.waitMs ?? 0);
      this.#setState({ kind: "waiting", reason: ending.reason, refusal: refusal?.error ?? null, retryInMs });
      await pause(retryInMs, this.#stop.signal);
    }
    this.#setState({ kind: "stopped" });
  }

  /** Until this connection, and every one that takes its place, has ended. */
  async #hold(first: Connection<R>): Promise<{ ending: Ending; last: Connection<R> }> {
    const ready = await first.ready;
    if (ready !== null) this.#count(first, ready);
    let held = first;
    for (;;) {
      const ending = await held.ended;
      if (this.#current === held) {
        this.#ready = null;
        // What replaces it may be ready in a moment.
        await this.#moving;
      }
      if (this.#current === held || this.#current === null) {
        this.#current = null;
        this.#ready = null;
        return { ending, last: held };
      }
      held = this.#current;
    }
  }

  #count(connection: Connection<R>, ready: SigningLink): void {
    this.#current = connection;
    this.#ready = ready;
    this.#choice.held(connection.target);
    this.#options.onReady?.(ready);
    const { relayUrl, relayName, linkEpoch } = ready;
    this.#setState({ kind: "ready", relayUrl, relayName, linkEpoch });
  }

  #open(target: RelayTarget, moving: boolean): Connection<R> {
    const { identity, membership, agentVersion, router, createContext, onPing, onInternalError } = this.#options;
    const connection: Connection<R> = new Connection(target, moving, {
      ...{ identity, membership, agentVersion, router, createContext, onInternalError },
      memory: this.#memory,
      book: this.#book,
      dialTimeoutMs: this.#choice.size > 1 ? HURRIED_DIAL_MS : DIAL_TIMEOUT_MS,
      onRelays: () => this.#choice.learn(this.#book.relays),
      onLeave: () => {
        if (this.#current === connection) void this.#change(() => this.#leave(connection));
      },
      // Of the link that counts: what others take for proof is about that one.
      onPing: () => {
        if (this.#current === connection) onPing?.();
      },
      now: this.#now,
    });
    const stopped = () => connection.close("stopped");
    this.#stop.signal.addEventListener("abort", stopped, { once: true });
    if (this.#stop.signal.aborted) stopped();
    void connection.ended.then(() => this.#stop.signal.removeEventListener("abort", stopped));
    return connection;
  }

  #setState(state: LinkState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }
}

async function readySoon<R extends AnyTRPCRouter>(connection: Connection<R>): Promise<SigningLink | null> {
  const { url } = connection.target;
  const late = setTimeout(() => connection.close(`no link by ${url} within ${MOVE_TIMEOUT_MS / 1_000} s`), MOVE_TIMEOUT_MS);
  const ready = await connection.ready;
  clearTimeout(late);
  return ready;
}

function closeAfter<R extends AnyTRPCRouter>(old: Connection<R>, ms: number, reason: string): void {
  const grace = setTimeout(() => old.close(reason), ms);
  void old.ended.then(() => clearTimeout(grace));
}
