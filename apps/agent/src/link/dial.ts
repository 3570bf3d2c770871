import { AppError } from "@indium/contract/errors";
import type { HostUsage } from "@indium/contract/host";
import type { MetricSample } from "@indium/contract/metrics";
import type { ReportAck, ReportBatch } from "@indium/contract/report";
import { pause } from "@indium/tunnel/backoff";
import { CallMemory } from "@indium/tunnel/call-memory";
import type { AnyTRPCRouter } from "@trpc/server";
import { Connection, type ConnectionUse, type Ending, type SigningLink } from "./connection";
import type { LinkOptions, LinkState } from "./link-state";
import { RedialRules } from "./redial-rules";
import { RelayBook } from "./relay-book";
import { RelayChoice, type RelayTarget } from "./relay-choice";
import { sendBatch, sendUsage } from "./sending";
import { SILENCE_LOOK_MS, SilenceWatch } from "./silence-watch";
import { Standby } from "./standby";

/*
 *            ┌────────── waits (RedialRules), the next relay (RelayChoice) ◀──┐
 *            ▼                                                                │ nothing stands by
 *  stopped ─▶ dialling ──────────────────────────────────────────▶ ready ──lost, refused──▶ switching: the standby (standby.ts) is promoted,
 *                                                                   │ ▲                     after a random part of SWITCH_SPREAD_MS ──▶ ready
 *                             move: a second link, by a better way, │ │ the first is the relay's to end, at the latest
 *                             leave: the standby, or a second link  │ │ after MOVED_GRACE_MS, LEFT_GRACE_MS
 *                             silent (silence-watch.ts): the        ▼ │
 *                             standby                              ready (of a higher epoch)
 *
 * Invariants: one connection counts at a time, and it was never one before; a move changes which one in one step, so that the host is never without
 * a link because of it; a move that fails changes nothing, and leaving is tried until the relay is gone. Which of two counts is the centre's word
 * alone (its claim and epoch). A connection's own states are in connection.ts.
 */

const MOVE_TIMEOUT_MS = 10_000;
const MOVED_GRACE_MS = 5_000;
/** What was asked by the relay that was left is answered by it; the relay itself ends the link when nothing is asked there any more. */
const LEFT_GRACE_MS = 30_000;
/** Of a relay's hosts that lose it at once. */
const SWITCH_SPREAD_MS = 400;
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
  readonly #random: () => number;
  readonly #standby: Standby<Connection<R>>;
  readonly #silence = new SilenceWatch();
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
    this.#random = options.random ?? Math.random;
    this.#choice = new RelayChoice(options.membership.relayUrls, this.#book.relays, options.random);
    this.#standby = new Standby({
      open: (target, notAt) => this.#open(target, { kind: "standby", notAt }),
      choice: this.#choice,
      listed: () => this.#book.relays,
      clock: { now: this.#now, sleep: pause },
      random: options.random,
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The relay where a second link is ready; undefined where there is one relay only. */
  get standbyAt(): string | null | undefined {
    return this.#book.relays.length > 1 ? this.#standby.at : undefined;
  }

  start(): void {
    if (this.#running !== null) return;
    this.#standby.start();
    const looking = setInterval(() => this.#lookForSilence(), SILENCE_LOOK_MS);
    this.#running = this.#run().finally(() => clearInterval(looking));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#standby.stop();
    await this.#running;
  }

  /** As `sendBatch` (sending.ts). @throws AppError `host_unreachable` without a link. */
  async sendBatch(batch: ReportBatch): Promise<ReportAck> {
    if (this.#ready === null) throw new AppError("host_unreachable", "This host is not linked to its relay; reports wait.");
    return await sendBatch(this.#ready, batch);
  }

  /** As `sendUsage` (sending.ts); dropped without a link. */
  sendUsage(usage: HostUsage, metrics: readonly MetricSample[] = [], taken: () => void = () => {}): void {
    if (this.#ready !== null) sendUsage(this.#ready, usage, metrics, taken);
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
    const next = this.#open({ name: from.ways().name, url: relayUrl }, { kind: "moving" });
    const ready = await next.readyWithin(MOVE_TIMEOUT_MS);
    if (ready === null) return (await next.ended).reason;
    if (ready.relayName !== from.relayName || this.#stop.signal.aborted) {
      next.close("another relay answered there");
      return "another relay answered there";
    }
    this.#count(next, ready);
    // The relay ends it when it has moved the calls; over a dead path its word does not come.
    old.closeAfter(MOVED_GRACE_MS, "moved");
    return null;
  }

  #lookForSilence(): void {
    const link = this.#current;
    const standby = this.#standby.standing;
    if (link === null || this.#ready === null || standby === null || this.#moving !== null) {
      this.#silence.reset();
      return;
    }
    if (this.#silence.leaves(this.#now(), link, standby)) void this.#change(() => this.#switch(link, 0, "silent"));
  }

  /** The standby takes the place of a link that has not ended; that one is closed `graceMs` later. Null when it is done. */
  async #switch(old: Connection<R>, graceMs: number, reason: string): Promise<string | null> {
    const from = this.#ready;
    const standby = from === null || this.#current !== old ? null : this.#standby.take();
    if (from === null || standby === null) return "nothing stands by";
    await this.#promote(standby);
    const ready = await standby.ready;
    if (ready === null) {
      this.#standby.linkedAt(from.relayName);
      return (await standby.ended).reason;
    }
    this.#count(standby, ready);
    this.#choice.failed(old.target, this.#now(), LEFT_RETRY_MS);
    old.closeAfter(graceMs, reason);
    return null;
  }

  async #promote(standby: Connection<R>): Promise<void> {
    await pause(SWITCH_SPREAD_MS * this.#random(), this.#stop.signal);
    standby.promote();
  }

  /** The relay is about to end: links to another, again and again until it is gone or there is none. */
  async #leave(old: Connection<R>): Promise<string | null> {
    if ((await this.#switch(old, LEFT_GRACE_MS, "left")) === null) return null;
    const gone = new AbortController();
    void old.ended.then(() => gone.abort());
    for (;;) {
      const from = this.#ready;
      if (from === null || this.#current !== old || this.#stop.signal.aborted) return "the link has gone meanwhile";
      const next = this.#choice.next(this.#now(), [from.relayName]);
      if (next === null) return "there is no other relay";
      await pause(next.waitMs, gone.signal);
      const connection = this.#open(next.target, { kind: "link" });
      const ready = await connection.readyWithin(MOVE_TIMEOUT_MS);
      if (ready !== null) {
        this.#count(connection, ready);
        this.#choice.failed(old.target, this.#now(), LEFT_RETRY_MS);
        old.closeAfter(LEFT_GRACE_MS, "left");
        return null;
      }
      const { refusal } = await connection.ended;
      this.#choice.failed(next.target, this.#now(), refusal?.retryAfterMs);
      await pause(this.#rules.afterRefusal(true), gone.signal);
    }
  }

  async #run(): Promise<void> {
    let promoted: Connection<R> | null = null;
    while (!this.#stop.signal.aborted) {
      const connection = promoted ?? this.#dial();
      // There is one to be dialled: that of the enrolment.
      if (connection === null) break;
      const { ending, last } = await this.#hold(connection);
      if (this.#stop.signal.aborted) break;
      const { refusal, heldMs, reason } = ending;
      this.#choice.failed(last.target, this.#now(), refusal?.retryAfterMs);
      // Only an administrator changes that answer, and every relay has the same one.
      if (refusal?.retry === false) this.#standby.giveUp(reason);
      promoted = this.#standby.take();
      if (promoted !== null) {
        this.#setState({ kind: "switching", relayUrl: promoted.target.url, reason });
        await this.#promote(promoted);
        continue;
      }
      this.#standby.linkedAt(null);
      const backoffMs = refusal === null ? this.#rules.afterLoss(heldMs) : this.#rules.afterRefusal(refusal.retry);
      const retryInMs = Math.max(backoffMs, this.#choice.next(this.#now())?.waitMs ?? 0);
      this.#setState({ kind: "waiting", reason, refusal: refusal?.error ?? null, retryInMs });
      await pause(retryInMs, this.#stop.signal);
    }
    this.#setState({ kind: "stopped" });
  }

  #dial(): Connection<R> | null {
    const next = this.#choice.next(this.#now());
    if (next === null) return null;
    this.#setState({ kind: "dialling", relayUrl: next.target.url });
    return this.#open(next.target, { kind: "link" });
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
    this.#standby.linkedAt(relayName);
  }

  #open(target: RelayTarget, use: ConnectionUse): Connection<R> {
    const { identity, membership, agentVersion, router, createContext, onPing, onInternalError } = this.#options;
    const connection: Connection<R> = new Connection(target, use, {
      ...{ identity, membership, agentVersion, router, createContext, onInternalError },
      memory: this.#memory,
      book: this.#book,
      dialTimeoutMs: this.#choice.size > 1 ? HURRIED_DIAL_MS : DIAL_TIMEOUT_MS,
      onRelays: () => {
        this.#choice.learn(this.#book.relays);
        this.#standby.listed();
      },
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
